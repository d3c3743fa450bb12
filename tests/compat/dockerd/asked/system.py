"""The engine itself, and what belongs to swarms and plugins."""
import time

from .scene import bad_bodies, create, query, tar


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
