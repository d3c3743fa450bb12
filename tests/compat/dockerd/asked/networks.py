"""Networks and volumes."""

from .scene import bad_bodies, clean, create, query, run


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
                 {'Name': 'cmpn7', 'IPAM': {'Config': [{'Subnet': 'nonsense'}]}}, {'Name': 'cmpn8', 'IPAM': {'Config': [{'Subnet': f'{e.net}.0.0/24'}]}},
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
    e.ask('POST', '/networks/cmp/connect', {'Container': 'a2', 'EndpointConfig': {'IPAMConfig': {'IPv4Address': f'{e.net}.128.77'}}})
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
