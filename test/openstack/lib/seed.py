#!/usr/bin/python3
"""Fills the cloud: 'seed.py identity' right after keystone is up,
'seed.py resources' when every other API answers. Safe to run again."""
import os
import sys
import time

from keystoneauth1 import adapter, session
from keystoneauth1.identity import v3

REGION = 'RegionOne'
SERVICES = {   # service user -> (type, name, endpoint url)
    'nova': ('compute', 'nova', 'http://127.0.0.1:8774/v2.1'),
    'placement': ('placement', 'placement', 'http://127.0.0.1:8778'),
    'glance': ('image', 'glance', 'http://127.0.0.1:9292'),
    'neutron': ('network', 'neutron', 'http://127.0.0.1:9696'),
    'aodh': ('alarming', 'aodh', 'http://127.0.0.1:8042'),
    'ceilometer': None,
    'vitrage': ('rca', 'vitrage', 'http://127.0.0.1:8999'),
}


def connect(user=None):
    e = os.environ
    name, password, project = user or (
        e['OS_USERNAME'], e['OS_PASSWORD'], e['OS_PROJECT_NAME'])
    auth = v3.Password(auth_url=e['OS_AUTH_URL'], username=name,
                       password=password, project_name=project,
                       user_domain_name='Default',
                       project_domain_name='Default')
    return session.Session(auth=auth)


def api(sess, service_type, **kw):
    return adapter.Adapter(sess, service_type=service_type, interface='public',
                           region_name=REGION, **kw)


def ensure(client, path, key, body, **match):
    """Returns the one with the same name, or makes it."""
    match = match or {'name': body['name']}
    for item in client.get(path).json()[path.split('?')[0].split('/')[-1]]:
        if all(item.get(k) == v for k, v in match.items()):
            return item
    return client.post(path.split('?')[0], json={key: body}).json()[key]


def identity(sess):
    ks = api(sess, 'identity')
    vitrage = os.environ.get('WITH_VITRAGE', '1') == '1'
    roles = {}
    for name in ('admin', 'member', '_member_', 'reader', 'service',
                 'data_plane_integrator'):
        # 'member' and 'admin' come from the bootstrap
        roles[name] = ensure(ks, '/roles', 'role', {'name': name})['id']
    service = ensure(ks, '/projects', 'project',
                     {'name': 'service', 'domain_id': 'default'})['id']
    admin_user = sess.get_user_id()
    admin_project = sess.get_project_id()
    for role in ('member', '_member_'):
        ks.put('/projects/%s/users/%s/roles/%s'
               % (admin_project, admin_user, roles[role]))
    for user, svc in SERVICES.items():
        if user == 'vitrage' and not vitrage:
            continue
        uid = ensure(ks, '/users', 'user', {
            'name': user, 'domain_id': 'default',
            'default_project_id': service,
            'password': os.environ['SERVICE_PASSWORD']})['id']
        for role in ('admin', 'service'):
            ks.put('/projects/%s/users/%s/roles/%s'
                   % (service, uid, roles[role]))
        if not svc:
            continue
        kind, name, url = svc
        sid = ensure(ks, '/services', 'service',
                     {'name': name, 'type': kind})['id']
        for iface in ('public', 'internal', 'admin'):
            ensure(ks, '/endpoints', 'endpoint',
                   {'service_id': sid, 'interface': iface, 'url': url,
                    'region_id': REGION},
                   service_id=sid, interface=iface)
    doctor_user(ks, service, roles)


def doctor_user(ks, project, roles):
    """Doctor's own service user: what it needs of Nova only an admin may do."""
    uid = ensure(ks, '/users', 'user', {
        'name': 'doctor', 'domain_id': 'default',
        'default_project_id': project,
        'password': os.environ['SERVICE_PASSWORD']})['id']
    for role in ('admin', 'data_plane_integrator'):
        ks.put('/projects/%s/users/%s/roles/%s' % (project, uid, roles[role]))


def resources(sess):
    image, nova = api(sess, 'image'), api(sess, 'compute',
                                          default_microversion='2.87')
    net = api(sess, 'network')
    images = image.get('/v2/images?name=cirros').json()['images']
    if not images:
        img = image.post('/v2/images', json={
            'name': 'cirros', 'visibility': 'public', 'min_disk': 0,
            'disk_format': 'raw', 'container_format': 'bare'}).json()
        image.put('/v2/images/%s/file' % img['id'], data=b'not a disk\n' * 64,
                  headers={'Content-Type': 'application/octet-stream'})
    for fid, name, ram in (('1', 'm1.tiny', 512), ('2', 'm1.small', 1024)):
        ensure(nova, '/flavors', 'flavor',
               {'id': fid, 'name': name, 'vcpus': 1, 'ram': ram, 'disk': 1})
    ext = ensure(net, '/v2.0/networks', 'network', {
        'name': 'public', 'router:external': True, 'shared': False,
        'provider:network_type': 'flat',
        'provider:physical_network': 'public'})
    ensure(net, '/v2.0/subnets', 'subnet', {
        'name': 'public-subnet', 'network_id': ext['id'], 'ip_version': 4,
        'cidr': '172.24.4.0/24', 'enable_dhcp': False,
        'gateway_ip': '172.24.4.1',
        'allocation_pools': [{'start': '172.24.4.10',
                              'end': '172.24.4.250'}]})
    admin = sess.get_project_id()
    net.put('/v2.0/quotas/%s' % admin, json={'quota': {
        'port': -1, 'network': -1, 'subnet': -1, 'router': -1,
        'floatingip': -1, 'security_group': -1, 'security_group_rule': -1}})
    nova.put('/os-quota-sets/%s' % admin, json={'quota_set': {
        'cores': -1, 'ram': -1, 'instances': -1, 'server_groups': -1,
        'server_group_members': -1}})
    # Neutron makes a project's security group 'default' when the project first
    # asks for one: it must not look like something that Doctor left behind.
    doctor = connect(('doctor', os.environ['SERVICE_PASSWORD'], 'service'))
    api(doctor, 'network').get('/v2.0/security-groups')


def vitrage(sess):
    """Adds the template and waits for it, and for the hosts in the graph."""
    from vitrageclient.v1.client import Client
    rca, path, want = Client(session=sess), sys.argv[2], set(sys.argv[3:])
    end = time.time() + 120
    state = None
    while time.time() < end:
        try:
            found = [t for t in rca.template.list()
                     if t['name'] == 'host_down_scenarios']
            if not found:
                found = rca.template.add(path=path, template_type='standard')
            state = found[0]['status'], found[0].get('status details')
            hosts = {v.get('id') for v in rca.resource.list(
                resource_type='nova.host', all_tenants=True)}
            if state[0] == 'ACTIVE' and want <= hosts:
                return
            if state[0] == 'ERROR':
                break
        except Exception as e:   # the graph is still filling
            state = e
        time.sleep(1)
    sys.exit('vitrage is not ready: %s' % (state,))


def wait_hosts(sess):
    """Until every compute is up, mapped, and has a live agent."""
    want = set(sys.argv[2:])
    nova, net = api(sess, 'compute', default_microversion='2.53'), api(sess, 'network')
    end = time.time() + 120
    while True:
        up = {s['host'] for s in nova.get(
            '/os-services?binary=nova-compute').json()['services']
            if s['state'] == 'up'}
        alive = {a['host'] for a in net.get('/v2.0/agents').json()['agents']
                 if a['alive']}
        hyp = {h['hypervisor_hostname'] for h in nova.get(
            '/os-hypervisors').json()['hypervisors']}
        if want <= up and want <= alive and want <= hyp:
            return
        if time.time() > end:
            sys.exit('missing: services %s agents %s hypervisors %s'
                     % (want - up, want - alive, want - hyp))
        time.sleep(0.5)


def disable(sess):
    """Takes the named computes out of scheduling until somebody enables them."""
    nova = api(sess, 'compute', default_microversion='2.53')
    for s in nova.get('/os-services?binary=nova-compute').json()['services']:
        if s['host'] in sys.argv[2:]:
            nova.put('/os-services/%s' % s['id'], json={
                'status': 'disabled',
                'disabled_reason': 'reserved: a test enables it'})


if __name__ == '__main__':
    {'identity': identity, 'resources': resources, 'disable': disable,
     'hosts': wait_hosts, 'vitrage': vitrage}[sys.argv[1]](connect())
