"""The requests that both engines are asked, by family. Every name that is made here begins with cmp."""
import io
import json
import tarfile
import time
import urllib.parse

from engine import Engine

SLEEP = ['sleep', '3600']
# The first two parts of the engines' addresses.
NET = ''


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


# --- the engine ---------------------------------------------------------------------------------------------------

def system(e):
    for path in ['/_ping', '/version', '/info']:
        e.ask('GET', path, values=False)
    e.ask('HEAD', '/_ping')
    e.ask('POST', '/_ping')
    e.ask('GET', '/nothing')
    e.ask('PUT', '/containers/json')
    e.ask('DELETE', '/info')
    for method in ['HEAD', 'PATCH', 'OPTIONS']:
        e.ask(method, '/info')
        e.ask(method, '/nothing')
    # Versions that are none, too old or too new, before paths that are and are not.
    kept = e.version
    for e.version in ['1', '1.11', '0.5', '9.99', '1.x', 'x']:
        for path in ['/info', '/nothing', '/_ping']:
            e.ask('GET', path, note=f'of version {e.version}', values=False)
    e.version = kept
    e.ask('GET', '/system/df', values=False)
    e.ask('GET', '/events?' + query(since='0', until='1'))
    e.ask('GET', '/events?' + query(since='0', until='nonsense'))
    e.ask('GET', '/events?' + query(since='nonsense'))
    e.ask('GET', '/events?' + query(since='5', until='1'))
    for f in ['{', 'nonsense', '{"nonsense":["a"]}', '{"type":"container"}', '{"type":{"container":true}}', '{"type":["nonsense"]}', '[]', '""']:
        e.ask('GET', '/events?' + query(since='0', until='1', filters=f))
    create(e, 'cmp')
    e.quiet('POST', '/containers/cmp/start')
    e.quiet('POST', '/containers/cmp/kill')
    e.quiet('POST', '/containers/cmp/wait')
    e.quiet('DELETE', '/containers/cmp')
    # dockerd remembers 256 events, ours more: only those of this scenario are in both.
    e.ask('GET', '/events?' + query(since=f'{e.begun:.9f}', until=f'{time.time():.9f}', filters={'type': ['container'], 'event': ['create']}), values=False, note='until now')
    e.ask('POST', '/auth', {'username': 'a', 'password': 'b', 'serveraddress': 'http://127.0.0.1:1/'})
    e.ask('POST', '/auth', {})
    bad_bodies(e, 'POST', '/auth', whole=False)
    e.ask('GET', '/images/search')
    e.ask('GET', '/images/search?term=')
    e.ask('GET', '/images/search?term=a&limit=1000')
    e.ask('GET', '/images/search?term=a&limit=x')
    e.ask('GET', '/images/search?' + query(term='a', filters='{"nonsense":["a"]}'))
    e.ask('GET', '/images/search?' + query(term='a', filters='{"stars":["x"]}'))
    e.ask('GET', '/images/search?' + query(term='a', filters='{"is-official":["x"]}'))
    e.ask('GET', '/distribution/127.0.0.1:1/a/json')
    e.ask('GET', '/distribution/UPPER/json')
    e.ask('POST', '/session')
    e.ask('POST', '/session', upgrade=True)


def swarm(e):
    for path in ['/swarm', '/swarm/unlockkey', '/nodes', '/nodes/a', '/services', '/services/a', '/services/a/logs', '/tasks', '/tasks/a', '/tasks/a/logs',
                 '/secrets', '/secrets/a', '/configs', '/configs/a', '/services/a/logs?stdout=1', '/tasks/a/logs?stdout=1']:
        e.ask('GET', path)
    for path in ['/swarm/leave', '/swarm/leave?force=1']:
        e.ask('POST', path)
    for path in ['/nodes/a', '/services/a', '/secrets/a', '/configs/a']:
        e.ask('DELETE', path)
    e.ask('POST', '/swarm/unlock', {'UnlockKey': 'SWMKEY-1-a'})
    e.ask('POST', '/swarm/join', {'RemoteAddrs': ['127.0.0.1:1'], 'JoinToken': 'a', 'ListenAddr': '127.0.0.1:1'})
    e.ask('POST', '/swarm/update?version=1', {})
    e.ask('POST', '/swarm/update', {})
    e.ask('POST', '/services/create', {'Name': 'a', 'TaskTemplate': {'ContainerSpec': {'Image': 'busybox'}}})
    e.ask('POST', '/services/a/update?version=1', {})
    e.ask('POST', '/secrets/create', {'Name': 'a', 'Data': 'YQ=='})
    e.ask('POST', '/configs/create', {'Name': 'a', 'Data': 'YQ=='})
    e.ask('POST', '/secrets/a/update?version=1', {})
    e.ask('POST', '/configs/a/update?version=1', {})
    e.ask('POST', '/nodes/a/update?version=1', {})
    for path in ['/swarm', '/nodes', '/services', '/secrets', '/configs']:
        item = path if path == '/swarm' else path + '/a'
        e.ask('POST', item + '/update?version=x', {})
        e.ask('POST', item + '/update', {})
        e.ask('POST', item + '/update?version=1', b'{', type='application/json')
        e.ask('POST', item + '/update?version=1')
        e.ask('PUT', item)
    for path in ['/nodes', '/services', '/tasks', '/secrets', '/configs']:
        e.ask('GET', path + '?filters={')
        e.ask('GET', path + '?' + query(filters={'nonsense': ['a']}))
        e.ask('GET', path + '/a/b')
        e.ask('POST', path + '/a/b', {})
        e.ask('POST', path + '/create', b'{', type='application/json')
        e.ask('POST', path + '/create')
        e.ask('DELETE', path)
    for flag in ['rotateWorkerToken', 'rotateManagerToken', 'rotateManagerUnlockKey']:
        e.ask('POST', f'/swarm/update?version=1&{flag}=x', {})
    e.ask('GET', '/services?status=x')
    e.ask('GET', '/services/a?insertDefaults=x')
    e.ask('POST', '/swarm/init', b'{', type='application/json')
    e.ask('POST', '/swarm/join', b'{', type='application/json')
    e.ask('POST', '/swarm/unlock', b'{', type='application/json')
    e.ask('GET', '/swarm/nothing')
    e.ask('DELETE', '/swarm')
    e.ask('PUT', '/volumes/a?version=1', {})
    e.ask('POST', '/volumes/create', {'Name': 'cmp', 'ClusterVolumeSpec': {}})
    e.ask('GET', '/containers/nothing/checkpoints')
    e.ask('POST', '/containers/nothing/checkpoints', {'CheckpointID': 'a'})
    e.ask('DELETE', '/containers/nothing/checkpoints/a')


def plugins(e):
    e.ask('GET', '/plugins')
    e.ask('GET', '/plugins?' + query(filters={'nonsense': ['a']}))
    e.ask('GET', '/plugins?' + query(filters='{'))
    e.ask('GET', '/plugins?' + query(filters={'enabled': ['true']}))
    e.ask('GET', '/plugins?' + query(filters={'enabled': ['nonsense']}))
    e.ask('GET', '/plugins/nothing/json')
    e.ask('DELETE', '/plugins/nothing')
    e.ask('POST', '/plugins/nothing/enable?timeout=0')
    e.ask('POST', '/plugins/nothing/enable')
    e.ask('POST', '/plugins/nothing/disable')
    e.ask('POST', '/plugins/nothing/push')
    e.ask('POST', '/plugins/nothing/set', ['A=b'])
    e.ask('POST', '/plugins/nothing/set', b'{', type='application/json')
    e.ask('POST', '/plugins/nothing/upgrade?remote=127.0.0.1:1/a', [])
    e.ask('GET', '/plugins/privileges?remote=127.0.0.1:1/a')
    e.ask('GET', '/plugins/privileges')
    e.ask('POST', '/plugins/pull?remote=127.0.0.1:1/a', [])
    e.ask('POST', '/plugins/pull?remote=127.0.0.1:1/a', b'{', type='application/json')
    e.ask('POST', '/plugins/create?name=a', b'', type='application/x-tar')
    e.ask('GET', '/plugins/privileges?remote=UPPER')
    e.ask('POST', '/plugins/pull?remote=UPPER', [])
    e.ask('POST', '/plugins/pull?remote=127.0.0.1:1/a&name=UPPER', [])
    e.ask('DELETE', '/plugins/nothing?force=1')
    e.ask('POST', '/plugins/nothing/disable?force=1')
    e.ask('POST', '/plugins/nothing/enable?timeout=-1')
    e.ask('POST', '/plugins/nothing/enable?timeout=x')
    e.ask('POST', '/plugins/nothing/upgrade?remote=UPPER', [])
    config = '{"description":"d","entrypoint":["/p"],"interface":{"types":["docker.volumedriver/1.0"],"socket":"p.sock"},"network":{"type":"none"},"linux":{}}'
    e.ask('POST', '/plugins/create?name=UPPER', tar(**{'config.json': config, 'rootfs/p': ''}), type='application/x-tar', note='a bad name')
    e.ask('POST', '/plugins/create?name=cmp/a', b'no tar at all' * 100, type='application/x-tar', note='no tar')
    e.ask('POST', '/plugins/create?name=cmp/a', tar(**{'rootfs/p': ''}), type='application/x-tar', note='no config.json')
    e.ask('POST', '/plugins/create?name=cmp/a', tar(**{'config.json': config}), type='application/x-tar', note='no rootfs')
    e.ask('POST', '/plugins/create?name=cmp/a', tar(**{'config.json': '{', 'rootfs/p': ''}), type='application/x-tar', note='a broken config.json')
    e.ask('POST', '/plugins/create?name=cmp/a', tar(**{'config.json': config, 'rootfs/p': ''}), type='application/x-tar')
    e.ask('POST', '/plugins/create?name=cmp/a', tar(**{'config.json': config, 'rootfs/p': ''}), type='application/x-tar', note='again')
    e.ask('GET', '/plugins')
    e.ask('GET', '/plugins/cmp/a:latest/json')
    e.ask('POST', '/plugins/cmp/a/disable')
    e.ask('POST', '/plugins/cmp/a/set', ['NONE=1'])
    e.ask('POST', '/plugins/cmp/a/set', [])
    e.ask('GET', '/plugins?' + query(filters={'capability': ['authz']}))
    e.ask('DELETE', '/plugins/cmp/a')


# --- containers ---------------------------------------------------------------------------------------------------

def containers_create(e):
    bad_bodies(e, 'POST', '/containers/create')
    make = '/containers/create'
    e.ask('POST', make, {})
    e.ask('POST', make, {'Image': ''})
    e.ask('POST', make, {'Image': 'nothing-there'})
    e.ask('POST', make, {'Image': 'UPPER'})
    e.ask('POST', make, {'Image': 'busybox:bad tag'})
    e.ask('POST', make, {'Image': 'sha256:' + '0' * 64})
    e.ask('POST', make + '?name=cmp', {'Image': 'busybox'})
    e.ask('POST', make + '?name=cmp', {'Image': 'busybox'}, note='again')
    e.ask('POST', make + '?name=-bad', {'Image': 'busybox'})
    e.ask('POST', make + '?name=a', {'Image': 'busybox'})
    e.ask('POST', make + '?name=b%20d', {'Image': 'busybox'})
    e.ask('POST', make + '?name=/cmp2', {'Image': 'busybox'})
    e.ask('POST', make + '?platform=nonsense/one/two/three', {'Image': 'busybox'})
    e.ask('POST', make + '?platform=linux/s390x', {'Image': 'busybox'})
    e.ask('POST', make + '?platform=windows/amd64', {'Image': 'busybox'})

    def config(**body):
        e.ask('POST', make, {'Image': 'busybox', **body})

    def host(**body):
        config(HostConfig=body)
    config(Image=5)
    config(Cmd=5)
    config(Cmd='a string')
    config(Entrypoint='/bin/sh')
    config(Env='A=b')
    config(Env=['=b'])
    config(Env=[''])
    config(Env=['A'])
    config(Tty='yes')
    config(Labels=['a'])
    config(Hostname='bad host')
    config(Hostname='a' * 70)
    config(Hostname='-a')
    config(Domainname='example.com')
    config(WorkingDir='relative')
    config(ExposedPorts={'80': {}})
    config(ExposedPorts={'80/nonsense': {}})
    config(ExposedPorts={'99999/tcp': {}})
    config(ExposedPorts={'a/tcp': {}})
    config(ExposedPorts={'5-3/tcp': {}})
    config(StopSignal='NONSENSE')
    config(StopSignal='SIGTERM')
    config(StopSignal='99')
    config(StopTimeout=-5)
    config(User='nobody')
    config(Volumes={'relative': {}})
    config(Volumes={'/': {}})
    config(Volumes={'/data': {}})
    config(MacAddress='nonsense')
    config(Healthcheck={'Test': ['CMD', 'true'], 'Interval': 1})
    config(Healthcheck={'Test': ['CMD', 'true'], 'Timeout': 1})
    config(Healthcheck={'Test': ['CMD', 'true'], 'Retries': -1})
    config(Healthcheck={'Test': ['CMD', 'true'], 'StartPeriod': 1})
    config(Healthcheck={'Test': ['CMD', 'true'], 'Interval': -1})
    config(Healthcheck={'Test': ['NONSENSE', 'true']})
    config(Healthcheck={'Test': []})
    config(HostConfig='text')
    config(HostConfig=[])
    host(Memory=1)
    host(Memory=-1)
    host(Memory='1g')
    host(Memory=2**33)
    host(MemorySwap=1)
    host(Memory=2**25, MemorySwap=2**24)
    host(MemorySwap=-2)
    host(Memory=2**25, MemoryReservation=2**26)
    host(MemoryReservation=1)
    host(MemorySwappiness=101)
    host(MemorySwappiness=-2)
    host(KernelMemory=1)
    host(KernelMemory=-1)
    host(NanoCpus=10**12)
    host(NanoCpus=-1)
    host(NanoCpus=10**9, CpuQuota=1000)
    host(NanoCpus=10**9, CpuPeriod=1000)
    host(CpuPeriod=1)
    host(CpuPeriod=2000000)
    host(CpuQuota=1)
    host(CpuQuota=-1)
    host(CpuShares=-1)
    host(CpuShares=1)
    host(CpusetCpus='nonsense')
    host(CpusetCpus='0-99999')
    host(CpusetCpus='99')
    host(CpusetMems='9')
    host(CpusetMems='nonsense')
    host(CpuRealtimePeriod=1000)
    host(CpuRealtimeRuntime=1000)
    host(BlkioWeight=1)
    host(BlkioWeight=2000)
    host(BlkioWeightDevice=[{'Path': '/dev/null', 'Weight': 5}])
    host(BlkioDeviceReadBps=[{'Path': '/dev/nothing', 'Rate': 5}])
    host(PidsLimit=-2)
    host(PidsLimit=5)
    host(OomScoreAdj=2000)
    host(OomScoreAdj=-2000)
    host(OomKillDisable=True)
    host(ShmSize=-1)
    host(ShmSize=0)
    host(Ulimits=[{'Name': 'nonsense', 'Soft': 1, 'Hard': 1}])
    host(Ulimits=[{'Name': 'nofile', 'Soft': 5, 'Hard': 1}])
    host(Ulimits=[{'Name': 'nofile', 'Soft': 512, 'Hard': 1024}])
    host(RestartPolicy={'Name': 'nonsense'})
    host(RestartPolicy={'Name': 'always', 'MaximumRetryCount': 5})
    host(RestartPolicy={'Name': 'no', 'MaximumRetryCount': 5})
    host(RestartPolicy={'Name': 'unless-stopped', 'MaximumRetryCount': 5})
    host(RestartPolicy={'Name': 'on-failure', 'MaximumRetryCount': -5})
    host(RestartPolicy={'Name': 'on-failure', 'MaximumRetryCount': 5})
    host(RestartPolicy={'Name': ''})
    host(RestartPolicy={'Name': 'always'}, AutoRemove=True)
    host(NetworkMode='nothing-there')
    host(NetworkMode='container:')
    host(NetworkMode='container:nothing-there')
    host(NetworkMode='container:cmp', PortBindings={'80/tcp': [{'HostPort': '1'}]})
    host(NetworkMode='container:cmp', ExtraHosts=['a:1.2.3.4'])
    host(NetworkMode='container:cmp', Dns=['1.1.1.1'])
    host(NetworkMode='container:cmp', Links=['cmp:a'])
    host(NetworkMode='container:cmp', PublishAllPorts=True)
    host(NetworkMode='host', Links=['cmp:a'])
    host(NetworkMode='host', PortBindings={'80/tcp': [{'HostPort': '1'}]})
    e.ask('POST', make, {'Image': 'busybox', 'Hostname': 'a', 'HostConfig': {'NetworkMode': 'container:cmp'}})
    e.ask('POST', make, {'Image': 'busybox', 'Hostname': 'a', 'HostConfig': {'NetworkMode': 'host'}})
    e.ask('POST', make, {'Image': 'busybox', 'Hostname': 'a', 'HostConfig': {'UTSMode': 'host'}})
    e.ask('POST', make, {'Image': 'busybox', 'MacAddress': '02:00:00:00:00:01', 'HostConfig': {'NetworkMode': 'container:cmp'}})
    e.ask('POST', make, {'Image': 'busybox', 'ExposedPorts': {'80/tcp': {}}, 'HostConfig': {'NetworkMode': 'container:cmp'}})
    e.ask('POST', make, {'Image': 'busybox', 'NetworkingConfig': {'EndpointsConfig': {'a': {}, 'b': {}}}})
    e.ask('POST', make, {'Image': 'busybox', 'NetworkingConfig': {'EndpointsConfig': {'bridge': {'IPAMConfig': {'IPv4Address': f'{NET}.0.77'}}}}})
    e.ask('POST', make, {'Image': 'busybox', 'NetworkingConfig': {'EndpointsConfig': {'bridge': {'IPAMConfig': {'IPv4Address': 'nonsense'}}}}})
    e.ask('POST', make, {'Image': 'busybox', 'NetworkingConfig': {'EndpointsConfig': {'bridge': {'Aliases': ['a']}}}})
    host(PidMode='nonsense')
    host(PidMode='container:')
    host(PidMode='container:nothing-there')
    host(IpcMode='nonsense')
    host(IpcMode='container:')
    host(IpcMode='container:nothing-there')
    host(IpcMode='none')
    host(UTSMode='nonsense')
    host(UsernsMode='nonsense')
    host(CgroupnsMode='nonsense')
    host(CgroupnsMode='private', Privileged=True)
    host(Isolation='hyperv')
    host(Isolation='nonsense')
    host(Runtime='nothing')
    host(CgroupParent='bad.slice')
    host(CgroupParent='a.b')
    host(LogConfig={'Type': 'json-file', 'Config': {'nonsense': 'a'}})
    host(LogConfig={'Type': 'json-file', 'Config': {'max-size': 'a'}})
    host(LogConfig={'Type': 'json-file', 'Config': {'max-file': '0'}})
    host(LogConfig={'Type': 'json-file', 'Config': {'max-file': '5'}})
    host(LogConfig={'Type': 'json-file', 'Config': {'mode': 'nonsense'}})
    host(LogConfig={'Type': 'json-file', 'Config': {'mode': 'blocking', 'max-buffer-size': '1m'}})
    host(LogConfig={'Type': 'json-file', 'Config': {'mode': 'non-blocking', 'max-buffer-size': 'x'}})
    host(LogConfig={'Type': 'json-file', 'Config': {'compress': 'x', 'max-size': '1m', 'max-file': '2'}})
    host(LogConfig={'Type': 'local', 'Config': {'nonsense': 'a'}})
    host(LogConfig={'Type': 'none', 'Config': {'nonsense': 'a'}})
    host(LogConfig={'Type': 'syslog', 'Config': {'nonsense': 'a'}})
    host(LogConfig={'Type': 'syslog', 'Config': {'syslog-address': 'nonsense'}})
    host(LogConfig={'Type': 'syslog', 'Config': {'syslog-facility': 'nonsense'}})
    host(LogConfig={'Type': 'gelf', 'Config': {}})
    host(LogConfig={'Type': 'gelf', 'Config': {'gelf-address': 'nonsense'}})
    host(LogConfig={'Type': 'fluentd', 'Config': {'nonsense': 'a'}})
    host(LogConfig={'Type': '', 'Config': {'max-size': '1m'}})
    host(CapAdd=['NONSENSE'])
    host(CapDrop=['NONSENSE'])
    host(CapAdd=['net_admin', 'CAP_NET_RAW', 'ALL'])
    host(CapAdd='ALL')
    host(SecurityOpt=['nonsense'])
    host(SecurityOpt=['nonsense=a'])
    host(SecurityOpt=['seccomp=nonsense'])
    host(SecurityOpt=['no-new-privileges:nonsense'])
    host(SecurityOpt=['no-new-privileges'])
    host(SecurityOpt=['label=nonsense'])
    host(Sysctls={'nonsense': '1'})
    host(Sysctls={'net.ipv4.ip_forward': '1'}, NetworkMode='host')
    host(Sysctls={'kernel.msgmax': '1'}, IpcMode='host')
    host(Tmpfs={'relative': ''})
    host(Tmpfs={'/a': 'nonsense=1'})
    host(Tmpfs={'/a': 'size=1m'})
    host(Devices=[{'PathOnHost': '/dev/nothing', 'PathInContainer': '/dev/x', 'CgroupPermissions': 'rwm'}])
    host(Devices=[{'PathOnHost': '/dev/null', 'PathInContainer': '/dev/x', 'CgroupPermissions': 'q'}])
    host(DeviceCgroupRules=['nonsense'])
    host(DeviceRequests=[{'Driver': 'nothing', 'Count': 1, 'Capabilities': [['gpu']]}])
    host(Dns=['nonsense'])
    host(DnsSearch=['a b'])
    host(ExtraHosts=['nonsense'])
    host(ExtraHosts=['a:nonsense'])
    host(ExtraHosts=['a:host-gateway'])
    host(Links=['nothing-there'])
    host(Links=['a:b:c'])
    host(Links=['cmp:alias'])
    host(VolumesFrom=['nothing-there'])
    host(VolumesFrom=['cmp:nonsense'])
    host(VolumesFrom=['cmp:ro'])
    host(VolumesFrom=[''])
    host(GroupAdd=['nonsense'])
    host(PortBindings={'80/tcp': [{'HostPort': 'x'}]})
    host(PortBindings={'80/tcp': [{'HostPort': '99999'}]})
    host(PortBindings={'80/tcp': [{'HostIp': 'nonsense', 'HostPort': '1'}]})
    host(PortBindings={'80/nonsense': [{'HostPort': '1'}]})
    host(PortBindings={'x': [{'HostPort': '1'}]})
    host(PortBindings={'80/tcp': None})
    host(ConsoleSize=[1])
    host(Init='yes')
    host(ReadonlyPaths=['relative'])
    host(StorageOpt={'size': '1g'})
    host(StorageOpt={'nonsense': '1g'})


def mounts(e):
    e.quiet('POST', '/volumes/create', {'Name': 'cmpv'})

    def host(**body):
        e.ask('POST', '/containers/create', {'Image': 'busybox', 'HostConfig': body})
    for bind in ['nonsense', '/a', '/a:relative', 'relative/path:/a', '/a:/b:nonsense', '/a:/b:ro,rw', '/a:/b:ro,ro', '/a:/b:z,Z', '/a:/', '/a:/b:c:d', '', ':', ':/a', '/a:',
                 'cmpv:/a', 'cmpv:/a:ro', 'cmpv:/a:nocopy', 'cmpv:/a:copy', '/tmp:/b:nocopy', 'cmpv:/a:rshared', '/tmp:/b:rshared', '/tmp:/b:rshared,private', '/nothing/there:/a',
                 'bad!name:/a', '/tmp:/a:delegated', '/tmp:/a:cached,consistent', '/tmp:/a/../b', '/tmp:.']:
        host(Binds=[bind])
    host(Binds=['/tmp:/a', '/var:/a'])
    host(Binds=['/tmp:/a', '/var:/a/'])
    host(Binds='/tmp:/a')
    for mount in [{}, {'Type': 'nonsense', 'Target': '/a'}, {'Type': 'bind', 'Target': '/a'}, {'Type': 'bind', 'Source': '/nothing/there', 'Target': '/a'}, {'Type': 'bind', 'Source': 'relative', 'Target': '/a'},
                  {'Type': 'bind', 'Source': '/tmp', 'Target': 'relative'}, {'Type': 'bind', 'Source': '/tmp', 'Target': ''}, {'Type': 'bind', 'Source': '/tmp', 'Target': '/'},
                  {'Type': 'bind', 'Source': '/tmp', 'Target': '/a', 'VolumeOptions': {}}, {'Type': 'bind', 'Source': '/tmp', 'Target': '/a', 'TmpfsOptions': {}},
                  {'Type': 'bind', 'Source': '/tmp', 'Target': '/a', 'BindOptions': {'Propagation': 'nonsense'}}, {'Type': 'bind', 'Source': '/tmp', 'Target': '/a', 'BindOptions': {'Propagation': 'rslave'}},
                  {'Type': 'bind', 'Source': '/tmp', 'Target': '/a', 'Consistency': 'nonsense'}, {'Type': 'bind', 'Source': '/tmp', 'Target': '/a', 'ReadOnly': True},
                  {'Type': 'volume', 'Target': '/a'}, {'Type': 'volume', 'Source': 'cmpv', 'Target': '/a'}, {'Type': 'volume', 'Source': '/abs', 'Target': '/a'}, {'Type': 'volume', 'Source': 'bad!name', 'Target': '/a'},
                  {'Type': 'volume', 'Source': 'cmpv', 'Target': '/a', 'BindOptions': {}},
                  {'Type': 'volume', 'Source': 'cmpx', 'Target': '/a', 'VolumeOptions': {'DriverConfig': {'Name': 'local', 'Options': {'nonsense': 'a'}}}},
                  {'Type': 'volume', 'Source': 'cmpv', 'Target': '/a', 'VolumeOptions': {'NoCopy': True}},
                  {'Type': 'volume', 'Target': '/a', 'ReadOnly': True},
                  {'Type': 'tmpfs', 'Target': '/a'}, {'Type': 'tmpfs', 'Source': 'b', 'Target': '/a'}, {'Type': 'tmpfs', 'Target': '/a', 'TmpfsOptions': {'SizeBytes': -1}},
                  {'Type': 'tmpfs', 'Target': '/a', 'TmpfsOptions': {'SizeBytes': 1048576, 'Mode': 448}}, {'Type': 'tmpfs', 'Target': '/a', 'BindOptions': {}}, {'Type': 'tmpfs', 'Target': '/'},
                  {'Type': 'npipe', 'Source': 'a', 'Target': '/a'}, {'Type': 'tmpfs', 'Target': '/a', 'ReadOnly': True}]:
        host(Mounts=[mount])
    host(Mounts=[{'Type': 'tmpfs', 'Target': '/a'}, {'Type': 'tmpfs', 'Target': '/a'}])
    host(Binds=['/tmp:/a'], Mounts=[{'Type': 'tmpfs', 'Target': '/a'}])
    host(Binds=['/tmp:/a'], Tmpfs={'/a': ''})
    clean(e)
    e.quiet('POST', '/volumes/create', {'Name': 'cmpv'})
    create(e, 'cmp', Volumes={'/anon': {}}, HostConfig={'Binds': ['cmpv:/named:ro', '/tmp:/bind:rslave,ro'], 'Tmpfs': {'/t': 'size=1m'},
           'Mounts': [{'Type': 'tmpfs', 'Target': '/m', 'TmpfsOptions': {'SizeBytes': 65536}}, {'Type': 'bind', 'Source': '/var', 'Target': '/v', 'ReadOnly': True}, {'Type': 'volume', 'Target': '/w'}]})
    e.ask('GET', '/containers/cmp/json')
    e.ask('GET', '/containers/json?all=1')


def containers_inspect(e):
    create(e, 'cmp')
    e.ask('GET', '/containers/cmp/json')
    e.ask('GET', '/containers/cmp/json?size=1')
    e.ask('GET', '/containers/cmp/json?size=x')
    e.ask('GET', '/containers/nothing/json')
    e.ask('GET', '/containers//json')
    e.ask('GET', '/containers/json')
    e.ask('GET', '/containers/json?all=1')
    e.ask('GET', '/containers/json?all=1&size=1')
    e.ask('GET', '/containers/json?all=x')
    e.ask('GET', '/containers/json?limit=x')
    e.ask('GET', '/containers/json?limit=-1')
    e.ask('GET', '/containers/json?limit=1')
    e.ask('GET', '/containers/json?before=nothing')
    e.ask('GET', '/containers/json?since=nothing')
    for f in ['{', 'x', '[]', '{"nonsense":["a"]}', '{"status":["nonsense"]}', '{"exited":["x"]}', '{"is-task":["x"]}', '{"before":["nothing"]}', '{"since":["nothing"]}', '{"health":["nonsense"]}',
              '{"publish":["x"]}', '{"expose":["99999"]}', '{"publish":["80/nonsense"]}', '{"network":["nothing"]}', '{"volume":["nothing"]}', '{"ancestor":["nothing"]}', '{"name":["["]}', '{"label":["a"]}',
              '{"status":{"created":true}}', '{"isolation":["x"]}', '{"id":["zz"]}']:
        e.ask('GET', '/containers/json?' + query(all=1, filters=f))
    run(e, 'cmpr', Env=['A=b'], Labels={'l': 'm'}, Hostname='h', Domainname='d', User='0:0', WorkingDir='/tmp', ExposedPorts={'80/tcp': {}}, Tty=True, OpenStdin=True,
        Healthcheck={'Test': ['CMD', 'true'], 'Interval': 3600 * 10**9},
        HostConfig={'PortBindings': {'80/tcp': [{'HostPort': ''}], '81/udp': [{'HostIp': '127.0.0.1'}]}, 'Memory': 2**26, 'NanoCpus': 5 * 10**8, 'RestartPolicy': {'Name': 'on-failure', 'MaximumRetryCount': 3},
                    'CapAdd': ['NET_ADMIN'], 'CapDrop': ['mknod'], 'Dns': ['1.1.1.1'], 'ExtraHosts': ['a:1.2.3.4'], 'ShmSize': 2**20, 'Ulimits': [{'Name': 'nofile', 'Soft': 512, 'Hard': 1024}], 'PidsLimit': 50,
                    'Init': True, 'ReadonlyRootfs': True, 'GroupAdd': ['5'], 'SecurityOpt': ['no-new-privileges'], 'Sysctls': {'net.ipv4.ip_forward': '0'}, 'LogConfig': {'Type': 'json-file', 'Config': {'max-size': '1m'}}})
    e.ask('GET', '/containers/cmpr/json')
    e.ask('GET', '/containers/json')
    e.ask('GET', '/containers/json?' + query(filters={'publish': ['80']}))
    e.ask('GET', '/containers/json?' + query(filters={'expose': ['80/tcp']}))
    ended(e, 'cmpe', 'sh', '-c', 'exit 3')
    e.ask('GET', '/containers/cmpe/json')
    e.ask('GET', '/containers/json?' + query(all=1, filters={'exited': ['3']}))
    run(e, 'cmpp')
    e.quiet('POST', '/containers/cmpp/pause')
    e.ask('GET', '/containers/cmpp/json')
    e.ask('GET', '/containers/json?' + query(filters={'status': ['paused']}))
    create(e, 'cmpf', Cmd=['/nothing'])
    e.ask('POST', '/containers/cmpf/start')
    e.ask('GET', '/containers/cmpf/json')
    e.quiet('POST', '/containers/cmpp/unpause')
    create(e, 'cmph', HostConfig={'NetworkMode': 'host', 'Privileged': True, 'PidMode': 'host', 'IpcMode': 'host', 'UTSMode': 'host'})
    e.ask('GET', '/containers/cmph/json')
    create(e, 'cmpn', NetworkDisabled=True, HostConfig={'NetworkMode': 'none', 'AutoRemove': True})
    e.ask('GET', '/containers/cmpn/json')
    create(e, 'cmpl', HostConfig={'Links': ['cmpr:alias'], 'VolumesFrom': ['cmpr:ro']})
    e.ask('GET', '/containers/cmpl/json')


def containers_states(e):
    verbs = [('POST', 'start'), ('POST', 'stop?t=0'), ('POST', 'restart?t=0'), ('POST', 'kill'), ('POST', 'pause'), ('POST', 'unpause'), ('GET', 'top'), ('GET', 'changes'), ('POST', 'resize?h=1&w=1'),
             ('GET', 'stats?stream=0'), ('GET', 'export'), ('DELETE', ''), ('POST', 'rename?name=b'), ('POST', 'wait'), ('GET', 'logs?stdout=1'), ('POST', 'attach?logs=1&stdout=1'), ('GET', 'attach/ws')]
    for method, verb in verbs:
        e.ask(method, f'/containers/nothing/{verb}'.rstrip('/'))
    e.ask('POST', '/containers/nothing/update', {})
    e.ask('POST', '/containers/nothing/exec', {'Cmd': ['true']})
    create(e, 'cmp')
    for method, verb in [('POST', 'stop?t=0'), ('POST', 'kill'), ('POST', 'pause'), ('POST', 'unpause'), ('GET', 'top'), ('GET', 'changes'), ('POST', 'resize?h=1&w=1'), ('GET', 'stats?stream=0'),
                         ('GET', 'logs?stdout=1'), ('GET', 'logs')]:
        e.ask(method, f'/containers/cmp/{verb}', note='created', values='stats' not in verb)
    e.ask('POST', '/containers/cmp/exec', {'Cmd': ['true']}, note='created')
    e.ask('POST', '/containers/cmp/start')
    e.ask('POST', '/containers/cmp/start', note='running')
    e.ask('POST', '/containers/cmp/start?detachKeys=nonsense,,', note='running')
    e.ask('POST', '/containers/cmp/start', {'Binds': ['/a:/b']}, note='with a body')
    e.ask('DELETE', '/containers/cmp', note='running')
    e.ask('POST', '/containers/cmp/rename')
    e.ask('POST', '/containers/cmp/rename?name=')
    e.ask('POST', '/containers/cmp/rename?name=cmp')
    e.ask('POST', '/containers/cmp/rename?name=-bad')
    create(e, 'cmp2')
    e.ask('POST', '/containers/cmp/rename?name=cmp2')
    e.ask('POST', '/containers/cmp/rename?name=cmp3')
    e.ask('POST', '/containers/cmp3/rename?name=cmp')
    e.ask('POST', '/containers/cmp/unpause', note='running')
    e.ask('POST', '/containers/cmp/pause')
    e.ask('POST', '/containers/cmp/pause', note='paused')
    e.ask('POST', '/containers/cmp/exec', {'Cmd': ['true']}, note='paused')
    e.ask('POST', '/containers/cmp/start', note='paused')
    e.ask('GET', '/containers/cmp/top', note='paused', values=False)
    e.ask('POST', '/containers/cmp/attach?stdout=1&stream=0', note='paused', upgrade=True)
    e.ask('DELETE', '/containers/cmp', note='paused')
    e.ask('GET', '/containers/cmp/stats?stream=0', note='paused', values=False)
    e.ask('POST', '/containers/cmp/unpause')
    e.ask('GET', '/containers/cmp/top', values=False)
    e.ask('GET', '/containers/cmp/top?ps_args=-o pid,comm'.replace(' ', '%20'), values=False)
    e.ask('GET', '/containers/cmp/top?ps_args=-o%20comm', values=False)
    e.ask('GET', '/containers/cmp/top?ps_args=--nonsense', values=False)
    e.ask('GET', '/containers/cmp/stats?stream=0', values=False)
    e.ask('GET', '/containers/cmp/stats?stream=0&one-shot=1', values=False)
    e.ask('POST', '/containers/cmp/resize')
    e.ask('POST', '/containers/cmp/resize?h=x&w=y')
    e.ask('POST', '/containers/cmp/resize?h=-1&w=5')
    e.ask('POST', '/containers/cmp/resize?h=10&w=10')
    e.ask('POST', '/containers/cmp/kill?signal=NONSENSE')
    e.ask('POST', '/containers/cmp/kill?signal=0')
    e.ask('POST', '/containers/cmp/kill?signal=999')
    e.ask('POST', '/containers/cmp/kill?signal=-1')
    e.ask('POST', '/containers/cmp/kill?signal=WINCH')
    e.ask('POST', '/containers/cmp/kill?signal=SIGWINCH')
    e.ask('POST', '/containers/cmp/kill?signal=28')
    e.ask('POST', '/containers/cmp/stop?t=x')
    e.ask('POST', '/containers/cmp/restart?t=x')
    e.ask('POST', '/containers/cmp/restart?t=0')
    e.ask('POST', '/containers/cmp/stop?t=0')
    e.ask('POST', '/containers/cmp/stop?t=0', note='stopped')
    e.ask('POST', '/containers/cmp/kill', note='stopped')
    e.ask('POST', '/containers/cmp/kill?signal=NONSENSE', note='stopped')
    e.ask('POST', '/containers/cmp/pause', note='stopped')
    e.ask('POST', '/containers/cmp/unpause', note='stopped')
    e.ask('GET', '/containers/cmp/top', note='stopped')
    e.ask('POST', '/containers/cmp/resize?h=5&w=5', note='stopped')
    e.ask('POST', '/containers/cmp/exec', {'Cmd': ['true']}, note='stopped')
    e.ask('GET', '/containers/cmp/stats?stream=0', note='stopped', values=False)
    e.ask('GET', '/containers/cmp/changes', note='stopped')
    e.ask('POST', '/containers/cmp/wait', note='stopped')
    e.ask('POST', '/containers/cmp/wait?condition=not-running', note='stopped')
    e.ask('POST', '/containers/cmp/restart?t=0', note='stopped')
    e.ask('DELETE', '/containers/cmp?force=x')
    e.ask('DELETE', '/containers/cmp?link=1')
    e.ask('DELETE', '/containers/cmp?force=1')
    e.ask('DELETE', '/containers/cmp', note='gone')
    e.ask('DELETE', '/containers/cmp2')
    ended(e, 'cmpd', 'sh', '-c', 'touch /new; rm /bin/nc; echo > /etc/passwd; mkdir -p /d/e')
    e.ask('GET', '/containers/cmpd/changes')
    create(e, 'cmpi')
    bad_bodies(e, 'POST', '/containers/cmpi/update')
    for body in [{'Memory': 1}, {'Memory': -5}, {'Memory': '1g'}, {'CpuShares': -1}, {'CpusetCpus': 'x'}, {'CpusetCpus': '99'}, {'NanoCpus': 10**13}, {'CpuPeriod': 1}, {'CpuQuota': 5}, {'BlkioWeight': 5},
                 {'RestartPolicy': {'Name': 'nonsense'}}, {'RestartPolicy': {'Name': 'always', 'MaximumRetryCount': 2}}, {'RestartPolicy': {'Name': 'unless-stopped'}}, {'PidsLimit': -1}, {'PidsLimit': 20},
                 {'Memory': 2**26, 'MemorySwap': 2**25}, {'Memory': 2**26}, {'Memory': 2**27}, {'MemorySwap': 2**28}, {'KernelMemory': 2**25}, {'Devices': []}, {'DeviceRequests': []}, {'DeviceCgroupRules': []},
                 {'Ulimits': [{'Name': 'nofile', 'Soft': 1, 'Hard': 1}]}, {'NanoCpus': 10**9}, {'CpuQuota': 5000}, {'OomKillDisable': True}]:
        e.ask('POST', '/containers/cmpi/update', body)
    e.ask('GET', '/containers/cmpi/json', note='after updates')
    create(e, 'cmpa', HostConfig={'AutoRemove': True})
    e.ask('POST', '/containers/cmpa/update', {'RestartPolicy': {'Name': 'always'}})
    run(e, 'cmpw', Cmd=['/nothing/there'])
    e.ask('POST', '/containers/cmpw/start', note='no such file')
    run(e, 'cmpx', Cmd=['/etc/passwd'])
    e.ask('POST', '/containers/cmpx/start', note='not executable')
    run(e, 'cmpy', Cmd=['nothing-in-path'])
    e.ask('POST', '/containers/cmpy/start', note='not in path')
    run(e, 'cmpz', WorkingDir='/etc/passwd')
    e.ask('POST', '/containers/cmpz/start', note='directory is a file')
    run(e, 'cmpu', User='nobody-here')
    e.ask('POST', '/containers/cmpu/start', note='no such user')
    run(e, 'cmpg', HostConfig={'GroupAdd': ['nobody-here']})
    e.ask('POST', '/containers/cmpg/start', note='no such group')
    e.ask('GET', '/containers/cmpw/json', note='not started')
    run(e, 'cmpj', HostConfig={'NetworkMode': 'container:cmpw'})
    e.ask('POST', '/containers/cmpj/start', note='network of a stopped one')
    run(e, 'cmpk', HostConfig={'PidMode': 'container:cmpw'})
    e.ask('POST', '/containers/cmpk/start', note='processes of a stopped one')
    run(e, 'cmpm', HostConfig={'IpcMode': 'container:cmpw'})
    e.ask('POST', '/containers/cmpm/start', note='memory of a stopped one')
    run(e, 'cmpo', HostConfig={'NetworkMode': 'nothing-there'})
    e.ask('POST', '/containers/cmpo/start', note='no such network')
    run(e, 'cmpq', HostConfig={'Mounts': [{'Type': 'bind', 'Source': '/tmp', 'Target': '/etc/passwd'}]})
    e.ask('POST', '/containers/cmpq/start', note='directory onto a file')
    run(e, 'cmps', HostConfig={'Devices': [{'PathOnHost': '/dev/nothing', 'PathInContainer': '/dev/x', 'CgroupPermissions': 'rwm'}]})
    e.ask('POST', '/containers/cmps/start', note='no such device')
    run(e, 'cmpt', HostConfig={'Sysctls': {'nonsense': '1'}})
    e.ask('POST', '/containers/cmpt/start', note='no such sysctl')


def containers_wait(e):
    ended(e, 'cmp', 'sh', '-c', 'exit 7')
    e.ask('POST', '/containers/cmp/wait')
    e.ask('POST', '/containers/cmp/wait?condition=')
    e.ask('POST', '/containers/cmp/wait?condition=nonsense')
    e.ask('POST', '/containers/cmp/wait?condition=not-running')
    run(e, 'cmpr', Cmd=['sh', '-c', 'sleep 1; exit 9'], HostConfig={'AutoRemove': True})
    e.ask('POST', '/containers/cmpr/wait?condition=removed')
    e.ask('POST', '/containers/nothing/wait?condition=removed')
    e.ask('POST', '/containers/prune?' + query(filters='{'))
    e.ask('POST', '/containers/prune?' + query(filters={'nonsense': ['a']}))
    e.ask('POST', '/containers/prune?' + query(filters={'until': ['nonsense']}))
    e.ask('POST', '/containers/prune?' + query(filters={'until': ['1h', '2h']}))
    e.ask('POST', '/containers/prune?' + query(filters={'label': ['nothing']}))
    e.ask('POST', '/containers/prune')
    e.ask('POST', '/containers/prune', note='nothing left')


def containers_streams(e):
    ended(e, 'cmp', 'sh', '-c', 'echo out; sleep 1; echo err >&2')
    for q in ['', 'stdout=0', 'stdout=1', 'stderr=1', 'stdout=1&stderr=1', 'stdout=1&tail=x', 'stdout=1&tail=1', 'stdout=1&tail=all', 'stdout=1&tail=-1', 'stdout=1&since=x', 'stdout=1&until=x', 'stdout=1&since=9999999999',
              'stdout=1&until=1', 'stdout=1&timestamps=1', 'stdout=1&details=1', 'stdout=1&follow=1', 'stdout=x', 'follow=x&stdout=1', 'stdout=1&since=2020-01-01T00:00:00Z']:
        e.ask('GET', f'/containers/cmp/logs?{q}'.rstrip('?'))
    for q in ['', 'logs=1&stdout=1&stderr=1', 'stream=1&stdout=1', 'stream=1&stdin=1', 'logs=x', 'stdout=1&stream=1&detachKeys=nonsense,,']:
        e.ask('POST', f'/containers/cmp/attach?{q}'.rstrip('?'), upgrade=True, note='ended, upgraded', timeout=2)
        e.ask('POST', f'/containers/cmp/attach?{q}'.rstrip('?'), note='ended', timeout=2)
    e.ask('GET', '/containers/cmp/attach/ws?stream=1&stdout=1', note='no upgrade')
    create(e, 'cmpt', Tty=True, Cmd=['sh', '-c', 'echo tty'])
    e.quiet('POST', '/containers/cmpt/start')
    e.quiet('POST', '/containers/cmpt/wait')
    e.ask('GET', '/containers/cmpt/logs?stdout=1&stderr=1', note='tty')
    e.ask('POST', '/containers/cmpt/attach?logs=1&stdout=1', upgrade=True, note='tty')
    for driver in ['none', 'local', 'syslog']:
        create(e, f'cmp{driver}', Cmd=['echo', 'a'], HostConfig={'LogConfig': {'Type': driver}})
        if driver != 'syslog':
            e.quiet('POST', f'/containers/cmp{driver}/start')
            e.quiet('POST', f'/containers/cmp{driver}/wait')
        e.ask('GET', f'/containers/cmp{driver}/logs?stdout=1', note=driver)
    run(e, 'cmpr', OpenStdin=True, StdinOnce=True, Cmd=['cat'])
    e.ask('POST', '/containers/cmpr/attach?stream=1&stdin=1&stdout=1', upgrade=True, stdin=b'through\n')
    run(e, 'cmpp')
    e.quiet('POST', '/containers/cmpp/pause')
    e.ask('POST', '/containers/cmpp/attach?stream=1&stdin=1&stdout=1', upgrade=True, note='paused')
    e.quiet('POST', '/containers/cmpp/unpause')


def containers_files(e):
    run(e, 'cmp')
    path = '/containers/cmp/archive'
    for q in ['', '?path=', '?path=/nothing', '?path=/etc/passwd', '?path=/etc/passwd/', '?path=/etc/passwd/x', '?path=/bin/sh', '?path=/nothing/there', '?path=relative', '?path=/var/spool', '?path=/var/spool/.', '?path=/']:
        e.ask('HEAD', path + q)
        if q != '?path=/':
            e.ask('GET', path + q)
    e.ask('GET', '/containers/nothing/archive?path=/etc')
    e.ask('HEAD', '/containers/nothing/archive?path=/etc')
    archive = tar(a='content')
    e.ask('PUT', '/containers/nothing/archive?path=/', archive, type='application/x-tar')
    e.ask('PUT', path, archive, type='application/x-tar', note='an archive')
    e.ask('PUT', path + '?path=/nothing', archive, type='application/x-tar', note='an archive')
    e.ask('PUT', path + '?path=/etc/passwd', archive, type='application/x-tar', note='an archive')
    e.ask('PUT', path + '?path=/', archive, type='application/x-tar', note='an archive')
    e.ask('PUT', path + '?path=/', archive, note='an archive without its type')
    e.ask('PUT', path + '?path=/', b'no archive at all', type='application/x-tar')
    e.ask('PUT', path + '?path=/', b'', type='application/x-tar')
    e.ask('PUT', path + '?path=/&noOverwriteDirNonDir=1', tar(etc='a file'), type='application/x-tar', note='a file onto a directory')
    e.ask('PUT', path + '?path=/&noOverwriteDirNonDir=x', archive, type='application/x-tar', note='an archive')
    e.ask('HEAD', path + '?path=/a')
    e.ask('GET', path + '?path=/a')
    create(e, 'cmpro', HostConfig={'ReadonlyRootfs': True, 'Binds': ['/var:/ro:ro']})
    e.ask('PUT', '/containers/cmpro/archive?path=/', archive, type='application/x-tar', note='a read-only root')
    e.ask('PUT', '/containers/cmpro/archive?path=/ro', archive, type='application/x-tar', note='a read-only mount')
    e.ask('POST', '/containers/cmp/copy', {'Resource': '/etc/passwd'})


def execs(e):
    run(e, 'cmp', Env=['A=b'])
    make = '/containers/cmp/exec'
    bad_bodies(e, 'POST', make)
    for body in [{'Cmd': []}, {'Cmd': 'text'}, {'Cmd': ['true'], 'User': 'nobody-here'}, {'Cmd': ['true'], 'WorkingDir': 'relative'}, {'Cmd': ['true'], 'Env': ['=x']}, {'Cmd': ['true'], 'DetachKeys': 'nonsense,,'},
                 {'Cmd': ['true'], 'Tty': 'yes'}, {'Cmd': ['true'], 'Privileged': True}, {'Cmd': ['']}]:
        e.ask('POST', make, body)

    def started(note, start=None, upgrade=True, stdin=b'', **body):
        found = e.quiet('POST', make, {'AttachStdout': True, 'AttachStderr': True, **body}).json.get('Id')
        e.ask('GET', f'/exec/{found}/json', note=note + ', before')
        e.ask('POST', f'/exec/{found}/start', start or {}, upgrade=upgrade, stdin=stdin, note=note)
        end = time.monotonic() + 30
        while e.quiet('GET', f'/exec/{found}/json').json.get('Running') and time.monotonic() < end:
            time.sleep(0.02)
        e.ask('GET', f'/exec/{found}/json', note=note + ', after')
        return found
    once = started('output', Cmd=['sh', '-c', 'echo out; echo err >&2; exit 4'])
    e.ask('POST', f'/exec/{once}/start', {}, note='a second time')
    e.ask('POST', f'/exec/{once}/resize?h=5&w=5', note='ended')
    started('input', Cmd=['cat'], AttachStdin=True, stdin=b'through\n')
    started('without upgrade', upgrade=False, Cmd=['echo', 'a'])
    started('detached', {'Detach': True}, upgrade=False, Cmd=['true'])
    started('tty', {'Tty': True}, Cmd=['echo', 'a'], Tty=True)
    started('tty at one side', {'Tty': True}, Cmd=['echo', 'a'])
    started('no such program', Cmd=['/nothing/there'])
    started('no such program, detached', {'Detach': True}, upgrade=False, Cmd=['/nothing/there'])
    started('not in the path', Cmd=['nothing-there'])
    started('not executable', Cmd=['/etc/passwd'])
    started('no such user', Cmd=['true'], User='nobody-here')
    started('no such directory', Cmd=['pwd'], WorkingDir='/nothing/there')
    started('directory is a file', Cmd=['pwd'], WorkingDir='/etc/passwd')
    started('environment', Cmd=['sh', '-c', 'echo $A $B $HOME'], Env=['B=c'], User='nobody')
    started('nothing attached', Cmd=['echo', 'a'], AttachStdout=False, AttachStderr=False)
    found = e.quiet('POST', make, {'Cmd': ['sleep', '100'], 'Tty': True}).json['Id']
    bad_bodies(e, 'POST', f'/exec/{found}/start', whole=False)
    found = e.quiet('POST', make, {'Cmd': ['sleep', '100'], 'Tty': True}).json['Id']
    e.quiet('POST', f'/exec/{found}/start', {'Detach': True})
    e.ask('GET', f'/exec/{found}/json', note='running')
    e.ask('POST', f'/exec/{found}/start', {'Detach': True}, note='running')
    e.ask('POST', f'/exec/{found}/resize?h=5&w=5', note='running')
    e.ask('POST', f'/exec/{found}/resize', note='running')
    e.ask('GET', '/containers/cmp/json', note='with execs')
    e.ask('GET', '/exec/nothing/json')
    e.ask('POST', '/exec/nothing/start', {})
    e.ask('POST', '/exec/nothing/resize?h=5&w=5')
    e.ask('POST', '/exec/nothing/resize')
    late = e.quiet('POST', make, {'Cmd': ['true'], 'AttachStdout': True}).json['Id']
    e.quiet('POST', '/containers/cmp/pause')
    e.ask('POST', f'/exec/{late}/start', {}, note='paused')
    e.quiet('POST', '/containers/cmp/unpause')
    e.quiet('POST', '/containers/cmp/kill')
    e.quiet('POST', '/containers/cmp/wait')
    e.ask('POST', f'/exec/{late}/start', {}, note='stopped')
    e.ask('GET', f'/exec/{late}/json', note='stopped')


# --- networks and volumes -----------------------------------------------------------------------------------------

def networks(e):
    bad_bodies(e, 'POST', '/networks/create')
    e.ask('GET', '/networks')
    for name in ['bridge', 'host', 'none', 'nothing']:
        e.ask('GET', f'/networks/{name}')
    e.ask('GET', '/networks/bridge?scope=nonsense')
    e.ask('GET', '/networks/bridge?scope=swarm')
    e.ask('GET', '/networks/bridge?verbose=x')
    for name in ['bridge', 'host', 'none', 'nothing']:
        e.ask('DELETE', f'/networks/{name}')
    make = '/networks/create'
    for body in [{}, {'Name': ''}, {'Name': 'bridge'}, {'Name': 'host'}, {'Name': 'cmp'}, {'Name': 'cmp', 'CheckDuplicate': True}, {'Name': 5},
                 {'Name': 'cmpn2', 'Driver': 'overlay'}, {'Name': 'cmpn3', 'Driver': 'host'}, {'Name': 'cmpn4', 'Driver': 'null'}, {'Name': 'cmpn5', 'Scope': 'swarm'},
                 {'Name': 'cmpn7', 'IPAM': {'Config': [{'Subnet': 'nonsense'}]}}, {'Name': 'cmpn8', 'IPAM': {'Config': [{'Subnet': f'{NET}.0.0/24'}]}},
                 {'Name': 'cmpn9', 'IPAM': {'Config': [{'Subnet': '10.253.0.0/24', 'Gateway': 'nonsense'}]}}, {'Name': 'cmpn10', 'IPAM': {'Config': [{'Subnet': '10.253.0.0/24', 'Gateway': '10.254.0.1'}]}},
                 {'Name': 'cmpn11', 'IPAM': {'Config': [{'Subnet': '10.253.0.0/24', 'IPRange': 'nonsense'}]}}, {'Name': 'cmpn12', 'IPAM': {'Config': [{'Subnet': '10.254.5.0/24', 'IPRange': '10.253.0.0/25'}]}},
                 {'Name': 'cmpn13', 'IPAM': {'Config': [{'Gateway': '10.253.0.1'}]}}, {'Name': 'cmpn14', 'IPAM': {'Config': [{'Subnet': '10.254.6.0/24', 'AuxiliaryAddresses': {'a': 'nonsense'}}]}},
                 {'Name': 'cmpn15', 'IPAM': {'Config': [{'Subnet': '10.254.0.0/24'}, {'Subnet': '10.254.1.0/24'}]}}, {'Name': 'cmpn16', 'IPAM': {'Config': [{'Subnet': 'fd00:5::/64'}]}},
                 {'Name': 'cmpn17', 'Options': {'com.docker.network.driver.mtu': 'x'}}, {'Name': 'cmpn18', 'Options': {'com.docker.network.bridge.name': 'a-name-that-is-too-long'}},
                 {'Name': 'cmpn19', 'Options': {'com.docker.network.bridge.enable_icc': 'x'}}, {'Name': 'cmpn20', 'ConfigOnly': True, 'Driver': 'bridge'}, {'Name': 'cmpn21', 'ConfigFrom': {'Network': 'nothing'}},
                 {'Name': 'cmpn22', 'Labels': ['a']}, {'Name': 'cmpn23', 'Attachable': True}, {'Name': 'cmpn24', 'Ingress': True},
                 {'Name': 'cmp2', 'Internal': True, 'Labels': {'a': 'b'}, 'Options': {'com.docker.network.driver.mtu': '1400'}, 'IPAM': {'Driver': 'default', 'Config': [{'Subnet': '10.253.0.0/24', 'Gateway': '10.253.0.9', 'IPRange': '10.253.0.128/25'}]}},
                 {'Name': 'cmp3', 'EnableIPv6': True, 'IPAM': {'Config': [{'Subnet': 'fd00:6::/64'}]}}, {'Name': 'cmp4', 'ConfigOnly': True, 'IPAM': {'Config': [{'Subnet': '10.253.5.0/24'}]}},
                 {'Name': 'cmp5', 'ConfigFrom': {'Network': 'cmp4'}}]:
        e.ask('POST', make, body)
        if str(body.get('Name')).startswith('cmpn') and body['Name'] != 'cmpn1':
            e.quiet('DELETE', f'/networks/{body["Name"]}')
    for name in ['cmp', 'cmp2', 'cmp3', 'cmp4', 'cmp5']:
        e.ask('GET', f'/networks/{name}')
    e.ask('DELETE', '/networks/cmp4')
    for name in ['cmp5', 'cmp4', 'cmp3', 'cmpn1']:
        e.ask('DELETE', f'/networks/{name}')
    for f in ['{', '[]', '{"nonsense":["a"]}', '{"driver":["bridge"]}', '{"type":["nonsense"]}', '{"type":["builtin"]}', '{"dangling":["x"]}', '{"dangling":["1","0"]}', '{"scope":["nonsense"]}', '{"label":["a"]}', '{"id":["zz"]}', '{"name":["cmp"]}']:
        e.ask('GET', '/networks?' + query(filters=f))
    create(e, 'a1')
    run(e, 'a2')
    bad_bodies(e, 'POST', '/networks/cmp/connect', whole=False)
    e.ask('POST', '/networks/cmp/connect', {})
    e.ask('POST', '/networks/cmp/connect', {'Container': ''})
    e.ask('POST', '/networks/cmp/connect', {'Container': 'nothing'})
    e.ask('POST', '/networks/nothing/connect', {'Container': 'a2'})
    e.ask('POST', '/networks/nothing/connect', {'Container': 'nothing'})
    e.ask('POST', '/networks/host/connect', {'Container': 'a2'})
    e.ask('POST', '/networks/none/connect', {'Container': 'a2'})
    e.ask('POST', '/networks/cmp2/connect', {'Container': 'a2', 'EndpointConfig': {'IPAMConfig': {'IPv4Address': 'nonsense'}}})
    e.ask('POST', '/networks/cmp2/connect', {'Container': 'a2', 'EndpointConfig': {'IPAMConfig': {'IPv4Address': '10.99.0.1'}}})
    e.ask('POST', '/networks/cmp2/connect', {'Container': 'a2', 'EndpointConfig': {'IPAMConfig': {'IPv4Address': '10.253.0.9'}}})
    e.ask('POST', '/networks/cmp/connect', {'Container': 'a2', 'EndpointConfig': {'IPAMConfig': {'IPv4Address': f'{NET}.128.77'}}})
    e.ask('POST', '/networks/cmp2/connect', {'Container': 'a2', 'EndpointConfig': {'IPAMConfig': {'IPv4Address': '10.253.0.77'}, 'Aliases': ['x']}})
    e.ask('POST', '/networks/cmp2/connect', {'Container': 'a1', 'EndpointConfig': {'IPAMConfig': {'IPv4Address': '10.253.0.77'}}})
    e.ask('POST', '/containers/a1/start', note='address is taken')
    e.ask('POST', '/networks/cmp/connect', {'Container': 'a2'})
    e.ask('POST', '/networks/cmp/connect', {'Container': 'a2'}, note='again')
    e.ask('GET', '/containers/a2/json')
    e.ask('GET', '/containers/a1/json')
    e.ask('GET', '/networks/cmp')
    e.ask('GET', '/networks/cmp2')
    e.ask('GET', '/networks')
    e.ask('DELETE', '/networks/cmp', note='in use')
    e.ask('POST', '/networks/cmp/disconnect', {})
    e.ask('POST', '/networks/cmp/disconnect', {'Container': 'nothing'})
    e.ask('POST', '/networks/cmp/disconnect', {'Container': 'nothing', 'Force': True})
    e.ask('POST', '/networks/nothing/disconnect', {'Container': 'a2'})
    e.ask('POST', '/networks/host/disconnect', {'Container': 'a2'})
    e.ask('POST', '/networks/none/disconnect', {'Container': 'a2'})
    e.ask('POST', '/networks/cmp/disconnect', {'Container': 'a1'})
    e.ask('POST', '/networks/cmp/disconnect', {'Container': 'a2'})
    e.ask('POST', '/networks/cmp/disconnect', {'Container': 'a2'}, note='again')
    e.ask('POST', '/networks/cmp/connect', {'Container': 'a1'}, note='not running')
    e.ask('POST', '/networks/cmp/connect', {'Container': 'a1'}, note='not running, again')
    run(e, 'a3', HostConfig={'NetworkMode': 'host'})
    e.ask('POST', '/networks/cmp/connect', {'Container': 'a3'}, note='of the host')
    run(e, 'a4', HostConfig={'NetworkMode': 'container:a2'})
    e.ask('POST', '/networks/cmp/connect', {'Container': 'a4'}, note="of another's")
    run(e, 'a5', HostConfig={'NetworkMode': 'none'})
    e.ask('POST', '/networks/cmp/connect', {'Container': 'a5'}, note='without network')
    e.ask('DELETE', '/networks/cmp', note='of a stopped one')
    for f in ['{', '{"nonsense":["a"]}', '{"until":["x"]}', '{"label":["nothing"]}']:
        e.ask('POST', '/networks/prune?' + query(filters=f))
    e.quiet('POST', make, {'Name': 'cmp9'})
    e.ask('POST', '/networks/prune')
    e.ask('POST', '/networks/prune', note='nothing left')


def volumes(e):
    bad_bodies(e, 'POST', '/volumes/create')
    make = '/volumes/create'
    clean(e)
    e.ask('GET', '/volumes', note='none')
    for body in [{'Name': 'cmp'}, {'Name': 'cmp'}, {'Name': 'cmp', 'Labels': {'a': 'b'}}, {'Name': 'a'}, {'Name': '-cmp'}, {'Name': 'cmp/x'}, {'Name': 'c m'}, {'Name': 5},
                 {'Name': 'cmp1', 'DriverOpts': {'nonsense': 'a'}}, {'Name': 'cmp1', 'DriverOpts': {'type': 'tmpfs'}}, {'Name': 'cmp1', 'DriverOpts': {'device': '/a'}},
                 {'Name': 'cmp1', 'DriverOpts': {'o': 'a'}}, {'Name': 'cmp2', 'DriverOpts': {'type': 'tmpfs', 'device': 'tmpfs', 'o': 'size=1m'}, 'Labels': {'l': 'm'}}, {'Name': 'cmp1', 'Labels': ['a']},
                 {'Name': 'cmp2', 'DriverOpts': {'type': 'tmpfs', 'device': 'tmpfs', 'o': 'size=2m'}}]:
        e.ask('POST', make, body)
    for name in ['cmp', 'cmp2', 'nothing', '']:
        e.ask('GET', f'/volumes/{name}')
    e.ask('GET', '/volumes')
    for f in ['{', '[]', '{"nonsense":["a"]}', '{"dangling":["x"]}', '{"dangling":["true"]}', '{"dangling":["false"]}', '{"driver":["local"]}', '{"driver":["nothing"]}', '{"label":["l"]}', '{"name":["cmp"]}', '{"name":["["]}']:
        e.ask('GET', '/volumes?' + query(filters=f))
    run(e, 'a1', HostConfig={'Binds': ['cmp:/a']})
    e.ask('DELETE', '/volumes/cmp', note='in use')
    e.ask('DELETE', '/volumes/cmp?force=1', note='in use')
    e.ask('DELETE', '/volumes/cmp?force=x', note='in use')
    e.ask('DELETE', '/volumes/nothing')
    e.ask('DELETE', '/volumes/nothing?force=1')
    e.ask('PUT', '/volumes/cmp?version=1', {})
    e.quiet('DELETE', '/containers/a1?force=1')
    e.ask('DELETE', '/volumes/cmp')
    for f in ['{', '{"nonsense":["a"]}', '{"until":["1h"]}', '{"label":["nothing"]}', '{"all":["x"]}']:
        e.ask('POST', '/volumes/prune?' + query(filters=f))
    e.quiet('DELETE', '/volumes/cmp2')
    e.ask('POST', '/volumes/prune', note='nothing left')
    e.quiet('POST', make, {})
    e.ask('POST', '/volumes/prune', note='one')


# --- images -------------------------------------------------------------------------------------------------------

def images(e):
    e.ask('GET', '/images/json')
    e.ask('GET', '/images/json?all=1')
    e.ask('GET', '/images/json?digests=1')
    e.ask('GET', '/images/json?all=x')
    e.ask('GET', '/images/json?filter=nothing')
    for f in ['{', '[]', '{"nonsense":["a"]}', '{"dangling":["x"]}', '{"dangling":["true"]}', '{"before":["nothing"]}', '{"since":["nothing"]}', '{"reference":["["]}', '{"reference":["nothing"]}', '{"reference":["busy*"]}', '{"label":["a"]}', '{"until":["x"]}']:
        e.ask('GET', '/images/json?' + query(filters=f))
    for name in ['busybox', 'busybox:latest', 'docker.io/library/busybox', 'nothing', 'busybox:nothing', 'UPPER', 'busybox:bad%20tag', 'sha256:' + '0' * 64, 'busybox@sha256:' + '0' * 64, 'zz']:
        e.ask('GET', f'/images/{name}/json')
        e.ask('GET', f'/images/{name}/history')
    e.ask('GET', '/images//json')
    for name, repo, tag in [('busybox', 'cmp', 'a'), ('busybox', 'cmp', 'a'), ('nothing', 'cmp', 'a'), ('busybox', 'UPPER', 'a'), ('busybox', 'cmp', 'bad tag'), ('busybox', '', ''), ('busybox', 'cmp', ''), ('busybox', 'cmp:x', ''),
                            ('busybox', 'cmp:x', 'y'), ('busybox', 'sha256:' + '0' * 64, ''), ('busybox', '0' * 64, ''), ('busybox', 'a/b/c/d', 'e'), ('busybox', 'cmp@sha256:' + '0' * 64, ''), ('busybox', '-a', ''), ('busybox', 'sha256', 'a')]:
        e.ask('POST', f'/images/{name}/tag?' + query(repo=repo, tag=tag))
    e.ask('POST', '/images/busybox/tag')
    e.ask('GET', '/images/json', note='tagged')
    e.ask('GET', '/images/cmp:a/json')
    e.ask('DELETE', '/images/nothing')
    e.ask('DELETE', '/images/UPPER')
    e.ask('DELETE', '/images/cmp:nothing')
    e.ask('DELETE', '/images/cmp:a')
    found = e.quiet('GET', '/images/busybox/json').json['Id']
    e.ask('DELETE', f'/images/{found}', note='several tags')
    create(e, 'a1')
    e.ask('DELETE', '/images/cmp:x')
    for tag in ['cmp', 'a/b/c/d:e', 'sha256:a', 'cmp:latest']:
        e.quiet('DELETE', f'/images/{tag}')
    e.ask('DELETE', '/images/busybox', note='in use')
    e.ask('DELETE', f'/images/{found}', note='in use')
    e.quiet('POST', '/containers/a1/start')
    e.ask('DELETE', '/images/busybox', note='running')
    e.ask('DELETE', '/images/busybox?force=1', note='running')
    e.ask('DELETE', f'/images/{found}?force=1', note='running')
    e.quiet('POST', f'/images/{found}/tag?repo=busybox&tag=latest')
    e.ask('DELETE', '/images/busybox?force=x', note='running')
    e.ask('DELETE', '/images/busybox?noprune=x', note='running')
    e.quiet('POST', f'/images/{found}/tag?repo=busybox&tag=latest')
    # Names that no registry could have, and one that nobody listens for.
    e.ask('POST', '/images/create')
    e.ask('POST', '/images/create?fromImage=UPPER')
    e.ask('POST', '/images/create?fromImage=127.0.0.1:1/a&tag=b')
    e.ask('POST', '/images/create?fromImage=127.0.0.1:1/a')
    e.ask('POST', '/images/create?fromImage=127.0.0.1:1/a&tag=bad%20tag')
    e.ask('POST', '/images/create?fromImage=scratch')
    e.ask('POST', '/images/create?fromImage=' + '0' * 64)
    e.ask('POST', '/images/create?fromImage=127.0.0.1:1/a&platform=nonsense/one/two/three')
    e.ask('POST', '/images/create?fromImage=127.0.0.1:1/a', headers={'X-Registry-Auth': 'nonsense'})
    e.ask('POST', '/images/create?fromSrc=-&repo=cmp&tag=imported&message=m&changes=ENV%20A%3Db', tar(a='b'), type='application/x-tar', note='import', values=False)
    e.ask('GET', '/images/cmp:imported/json', values=False)
    e.ask('GET', '/images/cmp:imported/history', values=False)
    e.ask('POST', '/images/create?fromSrc=-&repo=UPPER', tar(a='b'), type='application/x-tar', note='import')
    e.ask('POST', '/images/create?fromSrc=-&repo=cmp&tag=bad%20tag', tar(a='b'), type='application/x-tar', note='import')
    e.ask('POST', '/images/create?fromSrc=-&repo=cmp&changes=NONSENSE', tar(a='b'), type='application/x-tar', note='import')
    e.ask('POST', '/images/create?fromSrc=-&repo=cmp&changes=RUN%20a', tar(a='b'), type='application/x-tar', note='import')
    e.ask('POST', '/images/create?fromSrc=http://127.0.0.1:1/a.tar&repo=cmp')
    e.ask('POST', '/images/create?fromSrc=nonsense&repo=cmp')
    e.ask('POST', '/images/nothing/push')
    e.ask('POST', '/images/UPPER/push')
    e.ask('POST', '/images/nothing/push', headers={'X-Registry-Auth': 'e30='})
    e.quiet('POST', '/images/busybox/tag?repo=127.0.0.1:1/cmp&tag=a')
    e.ask('POST', '/images/127.0.0.1:1/cmp/push?tag=a', headers={'X-Registry-Auth': 'e30='}, timeout=90) if e.version in ('1.41', '1.24') else None
    e.ask('POST', '/images/127.0.0.1:1/cmp/push?tag=nothing', headers={'X-Registry-Auth': 'e30='})
    e.ask('GET', '/images/nothing/get')
    e.ask('GET', '/images/get')
    e.ask('GET', '/images/get?names=nothing')
    e.ask('GET', '/images/get?names=UPPER')
    e.ask('POST', '/images/load', b'no archive', type='application/x-tar')
    e.ask('POST', '/images/load', b'', type='application/x-tar')
    e.ask('POST', '/images/load', tar(a='b'), type='application/x-tar', note='an archive without a manifest')
    e.ask('POST', '/images/load', tar(**{'manifest.json': 'nonsense'}), type='application/x-tar', note='a manifest that is none')
    e.ask('POST', '/images/load', tar(**{'manifest.json': '[{"Config":"c.json","RepoTags":["a:b"],"Layers":[]}]'}), type='application/x-tar', note='a manifest of nothing')
    saved = e.quiet('GET', '/images/busybox/get').body
    e.ask('POST', '/images/load', saved, type='application/x-tar', note='what was saved')
    e.ask('POST', '/images/load?quiet=1', saved, type='application/x-tar', note='what was saved')
    e.ask('POST', '/images/load?quiet=0', saved, type='application/x-tar', note='what was saved')
    for f in ['{', '{"nonsense":["a"]}', '{"dangling":["x"]}', '{"until":["x"]}', '{"label":["nothing"]}', '{"dangling":["true"]}']:
        e.ask('POST', '/images/prune?' + query(filters=f))
    e.ask('POST', '/images/prune', note='nothing left')
    e.ask('POST', '/build/prune', values=False)
    e.ask('POST', '/build/prune?' + query(filters='{'))
    e.ask('POST', '/build/prune?' + query(filters={'nonsense': ['a']}))
    e.ask('POST', '/build/prune?' + query(filters={'until': ['x']}))
    e.ask('POST', '/build/prune?keep-storage=x')


def commits(e):
    ended(e, 'cmp', 'touch', '/new')
    e.ask('POST', '/commit')
    e.ask('POST', '/commit?container=nothing')
    e.ask('POST', '/commit?container=nothing', {})
    e.ask('POST', '/commit?container=cmp&repo=UPPER', {})
    e.ask('POST', '/commit?container=cmp&repo=cmp&tag=bad%20tag', {})
    e.ask('POST', '/commit?container=cmp&repo=cmp&changes=NONSENSE', {})
    e.ask('POST', '/commit?container=cmp&repo=cmp&changes=RUN%20a', {})
    e.ask('POST', '/commit?container=cmp&repo=cmp', b'{', type='application/json')
    e.ask('POST', '/commit?container=cmp&repo=cmp&pause=x', {})
    e.ask('POST', '/commit?container=cmp&repo=cmp&tag=one&comment=c&author=a&changes=ENV%20A%3Db%0ACMD%20%5B%22a%22%5D', {'Labels': {'l': 'm'}, 'User': 'u'})
    e.ask('GET', '/images/cmp:one/json')
    e.ask('GET', '/images/cmp:one/history')
    e.ask('POST', '/commit?container=cmp')
    e.ask('GET', '/images/json', note='with one untagged')
    e.ask('POST', '/images/prune')
    e.ask('DELETE', '/images/cmp:one')


def build(e):
    def dockerfile(text, q='t=cmp:b', note='', **files):
        e.ask('POST', f'/build?version=1&{q}', tar(Dockerfile=text, **files), type='application/x-tar', note=note or text.replace('\n', '; '), timeout=90)
    base = 'FROM busybox\n'
    dockerfile(base + 'LABEL a=b\nENV C=d\nCMD ["x"]\n')
    e.ask('GET', '/images/cmp:b/json')
    e.ask('GET', '/images/cmp:b/history')
    dockerfile(base + 'RUN echo hello; echo err >&2\n', 't=cmp:b&nocache=1')
    dockerfile(base + 'RUN echo hello\n', 't=cmp:b&q=1')
    for text in ['', '# nothing\n', 'NONSENSE a\n', 'RUN true\n', base + 'NONSENSE a\n', base + 'RUN\n', base + 'COPY a\n', base + 'COPY nothing /a\n', base + 'ADD nothing /a\n', base + 'RUN exit 3\n', base + 'EXPOSE x\n',
                 base + 'STOPSIGNAL NONSENSE\n', base + 'HEALTHCHECK nonsense\n', base + 'ENV a\n', base + 'LABEL\n', base + 'ARG\n', base + 'USER\n', base + 'WORKDIR\n', base + 'VOLUME\n', base + 'ONBUILD FROM a\n', base + 'SHELL a\n',
                 base + 'MAINTAINER\n', base + 'COPY --from=nothing-there:x /a /b\n', base + 'COPY --nonsense=a a b\n', 'FROM\n', 'FROM a b\n', 'FROM UPPER\n', 'FROM 127.0.0.1:1/nothing\n', 'FROM scratch\n', 'ARG A=b\nFROM busybox:$A\n',
                 base + 'FROM nothing-there-at-all:x as\n', base + 'ENTRYPOINT\n', base + 'RUN [“a”]\n']:
        dockerfile(text)
    dockerfile(base, 't=UPPER')
    dockerfile(base, 't=cmp:bad%20tag')
    dockerfile(base, 'dockerfile=nothing')
    dockerfile(base, 'dockerfile=../Dockerfile')
    dockerfile(base + 'LABEL a=b\n', 'target=nothing')
    dockerfile(base, 'buildargs=x')
    dockerfile(base, 'buildargs=' + urllib.parse.quote('{"UNUSED":"a"}'))
    dockerfile(base, 'labels=x')
    dockerfile(base, 'ulimits=x')
    dockerfile(base, 'cachefrom=x')
    dockerfile(base, 'platform=nonsense/one/two/three')
    dockerfile(base, 'networkmode=nothing-there&nocache=1', note='networkmode')
    dockerfile(base, 'version=7')
    dockerfile(base, 'memory=x')
    e.ask('POST', '/build', b'no archive', type='application/x-tar')
    e.ask('POST', '/build', b'', type='application/x-tar')
    e.ask('POST', '/build', tar(a='b'), type='application/x-tar', note='no Dockerfile')
    e.ask('POST', '/build', tar(Dockerfile=base), type='application/json', note='another type')
    e.ask('POST', '/build', tar(Dockerfile=base), note='no type')
    e.ask('POST', '/build?remote=nonsense')
    e.ask('POST', '/build?remote=http://127.0.0.1:1/a')
    e.ask('POST', '/build', tar(Dockerfile=base), type='application/x-tar', headers={'X-Registry-Config': 'nonsense'}, note='bad registry configuration')
    e.ask('POST', '/build/cancel')
    e.ask('POST', '/build/cancel?id=nothing')


def parameters(e):
    """A value that each query parameter cannot have."""
    run(e, 'run', Tty=True, OpenStdin=True)
    create(e, 'idle')
    made = e.quiet('POST', '/containers/run/exec', {'Cmd': ['true'], 'Tty': True}).json['Id']
    for method, paths in {
        'GET': ['/containers/json?limit=x', '/containers/json?limit=-1', '/containers/json?all=x', '/containers/json?size=x', '/containers/run/json?size=x', '/containers/run/top?ps_args=-Znonsense',
                '/containers/run/logs?stdout=1&since=x', '/containers/run/logs?stdout=1&until=x', '/containers/run/logs?stdout=0', '/containers/run/logs?stdout=1&tail=x', '/containers/run/logs?stdout=1&tail=-5',
                '/containers/run/logs?stdout=1&timestamps=x&details=x', '/containers/idle/archive?path=', '/containers/idle/archive', '/containers/idle/attach/ws?detachKeys=nonsense',
                '/images/json?all=x', '/images/json?digests=x', '/images/busybox/json?nonsense=x', '/images/get?names=UPPER', '/images/search?term=a&limit=-1', '/system/df?nonsense=1',
                '/events?since=x&until=1', '/events?since=0&until=x', '/networks/bridge?verbose=x', '/networks/bridge?verbose=T', '/networks/bridge?scope=swarm', '/networks/bridge?scope=nonsense',
                f'/networks?{query(filters={"scope": ["nonsense"]})}', f'/networks?{query(filters={"type": ["nonsense"]})}', f'/networks?{query(filters={"dangling": ["x"]})}',
                f'/containers/json?{query(filters={"status": ["nonsense"]})}', f'/containers/json?{query(filters={"exited": ["x"]})}', f'/containers/json?{query(filters={"health": ["nonsense"]})}',
                f'/containers/json?{query(filters={"is-task": ["x"]})}', f'/containers/json?{query(filters={"volume": ["nothing"]})}', f'/containers/json?{query(filters={"network": ["nothing"]})}',
                f'/containers/json?{query(filters={"ancestor": ["nothing"]})}', f'/containers/json?{query(filters={"before": ["nothing"]})}', f'/containers/json?{query(filters={"since": ["nothing"]})}',
                f'/containers/json?{query(filters={"name": ["["]})}', f'/containers/json?{query(filters={"id": ["["]})}'],
        'HEAD': ['/containers/idle/archive?path=', '/containers/idle/archive'],
        'PUT': ['/containers/idle/archive?path=', '/containers/idle/archive'],
        'POST': ['/containers/idle/start?checkpoint=a', '/containers/run/stop?t=x', '/containers/run/restart?t=x', '/containers/run/kill?signal=NONSENSE', '/containers/run/kill?signal=0', '/containers/run/kill?signal=99',
                 '/containers/idle/rename?name=bad/name', '/containers/idle/rename?name=', '/containers/idle/rename', '/containers/run/resize?h=x&w=1', '/containers/run/resize?h=1&w=x', '/containers/run/resize?h=1',
                 f'/exec/{made}/resize?h=x&w=1', '/images/busybox/tag?repo=a&tag=-b', '/images/create?fromImage=127.0.0.1:1/a&tag=-b', '/images/create?fromSrc=-&repo=a&tag=-b',
                 '/build/prune?all=x', '/build/prune?keep-storage=-1', '/containers/create?name=a/b', '/plugins/nothing/enable?timeout=x'],
        'DELETE': ['/containers/nothing?v=x', '/containers/nothing?force=x', '/containers/nothing?link=x', '/images/nothing?force=x', '/images/nothing?noprune=x', '/plugins/nothing?force=x'],
    }.items():
        for path in paths:
            e.ask(method, path, *([{'Image': 'busybox'}] if '/create?name' in path else []))


SCENARIOS = [system, swarm, plugins, containers_create, mounts, containers_inspect, containers_states, containers_wait, containers_streams, containers_files, execs, networks, volumes, images, commits, build, parameters]
