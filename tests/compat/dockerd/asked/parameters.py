"""Parameters of all."""

from .scene import create, query, run


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
