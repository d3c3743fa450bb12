"""An engine as a client sees it: requests over its unix socket, and what the answers are made of."""
import base64
import io
import json
import re
import socket
import sys
import tarfile
import time
import urllib.parse


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return {}


class Engine:
    """Asks one engine and remembers every answer under the request's own text."""

    # The first two parts of the engines' addresses.
    net = ''

    def __init__(self, name, path, version=None):
        self.name, self.path, self.version = name, path, version
        self.answers = []
        self.scenario = ''

    def ask(self, method, path, body=None, type=None, headers=None, values=True, upgrade=False, stdin=b'', note='', timeout=15):
        """Sends a request below the version's prefix and keeps its answer for the comparison."""
        answer = self.send(method, path, body, type, headers, upgrade, stdin, timeout)
        text = '' if body is None else body.decode('latin1') if isinstance(body, bytes) else json.dumps(body)
        if len(text) > 160:
            text = text[:157] + '…'
        label = ' '.join(p for p in (self.scenario + ':', method, tidy(urllib.parse.unquote(path)), tidy(text).replace('\n', ' '), f'({type})' if type else '', f'[{note}]' if note else '') if p)
        self.answers.append((label, answer, values))
        return answer

    def quiet(self, method, path, body=None, **more):
        """A request that only prepares or cleans up."""
        return self.send(method, path, body, **more)

    def send(self, method, path, body=None, type=None, headers=None, upgrade=False, stdin=b'', timeout=20):
        begun = time.monotonic()
        try:
            return self.exchange(method, path, body, type, headers, upgrade, stdin, timeout)
        finally:
            if time.monotonic() - begun > 8:
                print(f'{self.name} took {time.monotonic() - begun:.0f} s: {self.scenario}: {method} {path}', file=sys.stderr, flush=True)

    def exchange(self, method, path, body, type, headers, upgrade, stdin, timeout):
        if isinstance(body, (dict, list)):
            body, type = json.dumps(body).encode(), type or 'application/json'
        lines = [f'{method} {self.prefix}{path} HTTP/1.1', 'Host: engine']
        lines += ['Connection: Upgrade', 'Upgrade: tcp'] if upgrade else ['Connection: close']
        if body is not None or method in ('POST', 'PUT'):
            lines.append(f'Content-Length: {len(body or b"")}')
        if type:
            lines.append(f'Content-Type: {type}')
        lines += [f'{k}: {v}' for k, v in (headers or {}).items()]
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(timeout)
            s.connect(self.path)
            s.sendall('\r\n'.join(lines).encode() + b'\r\n\r\n' + (body or b''))
            file = s.makefile('rb')
            try:
                status = int(file.readline().split()[1])
                found = {}
                while (line := file.readline().strip()):
                    name, _, value = line.decode('latin1').partition(':')
                    found[name.title()] = value.strip()
                if upgrade and status in (101, 200):
                    if stdin:
                        s.sendall(stdin)
                    s.shutdown(socket.SHUT_WR)
                return Answer(status, found, read_body(method, status, found, file, time.monotonic() + timeout))
            except TimeoutError:
                return Answer(0, {}, b'(no end)')
            except (IndexError, ConnectionError):
                return Answer(0, {}, b'(no answer)')

    @property
    def prefix(self):
        return f'/v{self.version}' if self.version else ''


def read_body(method, status, headers, file, end):
    if method == 'HEAD' or status in (204, 304):
        return b''
    if headers.get('Transfer-Encoding') == 'chunked':
        body = b''
        while (size := int(file.readline().split(b';')[0] or b'0', 16)):
            body += file.read(size)
            file.readline()
            if time.monotonic() > end:
                raise TimeoutError
        return body
    return file.read(int(headers['Content-Length'])) if 'Content-Length' in headers else file.read()


HEX = '0-9a-f'
RULES = [
    (re.compile(r'/(?:tmp|dev/shm)/sampan-compare\.\w+/(?:ours|theirs)'), '<root>'),
    (re.compile(rf'sha256:[{HEX}]{{64}}'), '<digest>'),
    (re.compile(rf'(?<![{HEX}])[{HEX}]{{64}}(?![{HEX}])'), '<id>'),
    (re.compile(rf'(?<![{HEX}])[{HEX}]{{12}}(?![{HEX}])'), '<short>'),
    (re.compile(r'(?<!0001-01-01T)\b(?!0001)\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d| [+-]\d{4} UTC)?'), '<time>'),
    (re.compile(rf'(?<![{HEX}:])(?:[{HEX}]{{2}}:){{5}}[{HEX}]{{2}}(?![{HEX}:])'), '<mac>'),
    (re.compile(r'\b(?:Less than a second|About an? \w+|\d+ (?:second|minute)s?)\b'), '<while>'),
]


def addresses_of(net):
    """Says which addresses the engines choose."""
    RULES.append((re.compile(rf'\b{re.escape(net)}(?:\.\d+){{2}}\b'), '<ip>'))


def tidy(text):
    """What differs between any two runs has one text."""
    for rule, replacement in RULES:
        text = rule.sub(replacement, text)
    return text


HEADERS = ['Api-Version', 'Ostype', 'Docker-Experimental', 'Server', 'Content-Type', 'Location', 'Builder-Version', 'Swarm', 'Cache-Control', 'Pragma',
           'X-Docker-Container-Path-Stat', 'Connection', 'Upgrade', 'Allow', 'Warning', 'X-Registry-Auth']
# Members whose value is the machine's, the moment's or the build's.
FREE = re.compile(r'(^|\.)(Pid|Created|CreatedAt|Size|VirtualSize|SharedSize|SizeRw|SizeRootFs|LayersSize|SpaceReclaimed|IPAddress|Gateway|MacAddress|'
                  r'IPv4Address|time|timeNano|Time|mtime|SandboxKey|HostPort|IPPrefixLen|LastTagTime|Driver\.Data|id|Mtime)$')


def leaves(value, path='', into=None):
    """Every leaf of a document by its path: what is absent, null, empty or a value can be told apart."""
    into = {} if into is None else into
    if isinstance(value, dict):
        if not value:
            into[path] = '{}'
        for key, inner in value.items():
            leaves(inner, f'{path}.{tidy(key)}', into)
    elif isinstance(value, list):
        if not value:
            into[path] = '[]'
        if value and all(isinstance(v, dict) for v in value):
            value = sorted(value, key=lambda v: tidy(str(v.get('Destination') or v.get('Name') or v.get('Names') or v.get('RepoTags') or v.get('PrivatePort') or v.get('Path') or v.get('Type') or '')))
        for i, inner in enumerate(value):
            leaves(inner, f'{path}[{i}]', into)
    elif isinstance(value, str):
        into[path] = '""' if not value else 'string' if FREE.search(path) else json.dumps(tidy(value), ensure_ascii=False)
    elif isinstance(value, bool) or value is None:
        into[path] = json.dumps(value)
    else:
        into[path] = 'number' if FREE.search(path) else json.dumps(value)
    return into


def documents(text):
    """The JSON documents of an answer: one, or a stream of them."""
    decoder, found, at = json.JSONDecoder(), [], 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        document, at = decoder.raw_decode(text, at)
        found.append(document)
    return found


def facts(answer, values):
    """An answer as what a client can tell: the map of which two engines are compared."""
    told = {'status': str(answer.status)}
    for name in HEADERS:
        value = answer.headers.get(name)
        if value is None:
            continue
        if name == 'Api-Version':
            value = re.sub(r'^1\.\d+$', '1.N', value)
        if name == 'Server':
            value = re.sub(r'^[A-Za-z]+/\S+ \((\w+)\)$', r'NAME/VERSION (\1)', value)
        if name == 'X-Docker-Container-Path-Stat':
            for path, leaf in leaves(json.loads(base64.b64decode(value))).items():
                told['stat' + path] = leaf
            continue
        told['header ' + name] = tidy(value)
    kind = answer.headers.get('Content-Type', '')
    if kind.startswith('application/x-tar'):
        try:
            told['tar'] = ' '.join(sorted(m.name + ('/' if m.isdir() else '') for m in tarfile.open(fileobj=io.BytesIO(answer.body))))
        except tarfile.TarError as e:
            told['tar'] = str(e)
        told['tar'] = tidy(told['tar'])
        return told
    text = answer.body.decode('utf-8', 'backslashreplace')
    try:
        if not kind.startswith('application/json'):
            raise ValueError
        found = documents(text)
    except ValueError:
        told['text'] = tidy(text)
        return told
    for i, document in enumerate(found):
        name = 'body' if len(found) == 1 else f'body#{i}'
        for path, leaf in leaves(document, name).items():
            told[path] = leaf if values or leaf in ('null', '{}', '[]', '""') else kind_of(leaf)
    if not found:
        told['text'] = ''
    # How a text is cut into messages is nobody's business.
    spoken = [d['stream'] for d in found if isinstance(d, dict) and isinstance(d.get('stream'), str)]
    if spoken:
        told = {k: v for k, v in told.items() if not re.fullmatch(r'body(#\d+)?\.(stream|aux\.ID)', k)}
        told = {re.sub(r'^body#\d+', 'message', k): v for k, v in told.items()}
        told['stream'] = json.dumps(tidy(''.join(spoken)))
    return told


def kind_of(leaf):
    return 'string' if leaf.startswith('"') else 'bool' if leaf in ('true', 'false') else 'number' if leaf != 'string' else leaf
