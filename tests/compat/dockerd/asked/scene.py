"""What all scenarios have in common: a beginning with nothing, and what they are made of. Every name that is made begins with cmp."""
import io
import json
import tarfile
import time
import urllib.parse

from engine import Engine

SLEEP = ['sleep', '3600']


def prepare(e, image):
    """Both begin with nothing but the image."""
    clean(e)
    if e.quiet('GET', '/images/busybox/json').status != 200:
        e.quiet('POST', '/images/load?quiet=1', image, type='application/x-tar', timeout=60)
    e.begun = time.time()


def clean(e):
    for c in e.quiet('GET', '/containers/json?all=1').json or []:
        e.quiet('DELETE', f'/containers/{c["Id"]}?force=1&v=1')
    for n in e.quiet('GET', '/networks').json or []:
        if n['Name'] not in ('bridge', 'host', 'none'):
            e.quiet('DELETE', f'/networks/{n["Id"]}')
    for v in e.quiet('GET', '/volumes').json.get('Volumes') or []:
        e.quiet('DELETE', f'/volumes/{v["Name"]}?force=1')
    for i in e.quiet('GET', '/images/json?all=1').json or []:
        for tag in i['RepoTags'] or [i['Id']]:
            if tag != 'busybox:latest':
                e.quiet('DELETE', f'/images/{i["Id"] if tag == "<none>:<none>" else tag}?force=1')
    # What was built for another version of the API is not this one's; the oldest versions cannot say so.
    Engine(e.name, e.path).quiet('POST', '/build/prune?all=1')


def query(**pairs):
    return urllib.parse.urlencode({k: json.dumps(v) if isinstance(v, (dict, list)) else v for k, v in pairs.items()})


def tar(**files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w') as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            content = text.encode()
            member.size = len(content)
            member.mtime = 1700000000
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def bad_bodies(e, method, path, whole=True):
    """What is no request at all: not JSON, cut off, of another kind, empty, of another type of content."""
    e.ask(method, path, b'{not json', type='application/json')
    e.ask(method, path, b'{"a":', type='application/json')
    e.ask(method, path, b'[]', type='application/json')
    e.ask(method, path, b'"text"', type='application/json')
    if whole:
        e.ask(method, path, b'', type='application/json')
        e.ask(method, path)
        e.ask(method, path, b'null', type='application/json')
        e.ask(method, path, b'{} {}', type='application/json')
    e.ask(method, path, b'{}', type='text/plain')
    e.ask(method, path, b'{}')


def create(e, name, **body):
    return e.quiet('POST', f'/containers/create?name={name}', {'Image': 'busybox', 'Cmd': SLEEP, 'StopTimeout': 0, **body}).json.get('Id', name)


def run(e, name, **body):
    container = create(e, name, **body)
    e.quiet('POST', f'/containers/{name}/start')
    return container


def ended(e, name, *command, **body):
    run(e, name, Cmd=list(command), **body)
    e.quiet('POST', f'/containers/{name}/wait')
