import test, { type ExecutionContext } from 'ava';
import { authenticate, byPassword, type Reply, send, startTestBed, until } from './cloud.test.helper.js';
import { readRecording, readSample, shapeDifferences } from './samples.test.helper.js';

/** The recordings were kept without links to the resources themselves and without the hosts' CPU flags. */
const LEFT_OUT = ['.links: real clouds do not have it', '.cpu_info: real clouds do not have it'];

/** Compares a reply with what a real cloud answered: status, headers, keys and types. */
function like(t: ExecutionContext, name: string, reply: Reply, ignore: readonly string[] = []): void {
  const { response } = readSample(name);
  t.is(reply.status, response.status, `${name}: status`);
  for (const header of Object.keys(response.headers)) {
    // Node.js sends no type of a body that is not there.
    if (/^(content-length|connection|date)$/i.test(header) || response.status === 204) continue;
    t.truthy(reply.headers.get(header), `${name}: header ${header}`);
  }
  const differences = shapeDifferences(response.body, reply.body).filter(
    (line) => ![...ignore, ...LEFT_OUT].some((part) => line.includes(part)),
  );
  t.deepEqual(differences, [], name);
}

test('Keystone answers as a real one', async (t) => {
  const { cloud, admin } = await startTestBed(t);
  const root = cloud.identityUrl.replace('/v3', '');
  like(t, 'versions-keystone', await send(`${root}/`, 'GET'));
  like(t, 'versions-keystone-v3', await send(`${root}/v3/`, 'GET'));
  const { request } = readSample('keystone-token-and-catalog');
  const { identity } = (request.body as { auth: { identity: unknown } }).auth;
  t.truthy(identity);
  const scope = { project: { name: 'admin', domain: { name: 'Default' } } };
  const token = await authenticate(cloud, byPassword('admin', cloud.credentials.password), scope);
  like(t, 'keystone-token-and-catalog', token);
  like(t, 'keystone-roles', await admin.keystone('GET', '/roles'));
});

test('Nova answers as a real one', async (t) => {
  const { admin, boot, imageId } = await startTestBed(t, {
    migrationMs: 1,
    confirmMs: 1,
    liveMigrationMs: 1,
  });
  const compute = admin.endpoints['compute'] ?? '';
  const root = compute.replace('/v2.1', '');
  // The old v2.0 endpoint is not served.
  like(t, 'versions-nova', await send(`${root}/`, 'GET'), ['v2.0']);
  like(t, 'versions-nova-v2.1', await send(`${compute}/`, 'GET'));
  like(t, 'nova-401-without-token', await send(`${compute}/servers`, 'GET'));
  const get = (path: string, version: string): Promise<Reply> => admin.nova('GET', path, undefined, version);
  const put = (path: string, body: unknown, version: string): Promise<Reply> =>
    admin.nova('PUT', path, body, version);

  like(t, 'nova-flavors', await get('/flavors/detail', '2.53'));
  like(t, 'nova-availability-zones', await get('/os-availability-zone/detail', '2.53'), ['zoneName']);
  for (const version of ['2.1', '2.11', '2.53'])
    like(t, `nova-os-services-${version}`, await get('/os-services', version));
  for (const version of ['2.1', '2.53'])
    like(t, `nova-hypervisors-${version}`, await get('/os-hypervisors/detail', version));

  const { id: network } = (await admin.neutron('GET', '/networks?name=net')).body.networks[0];
  const given = { name: 'sample', flavorRef: '1', imageRef: imageId, networks: [{ uuid: network }] };
  const created = await admin.nova('POST', '/servers', { server: given });
  like(t, 'nova-server-create', created);
  const { id } = created.body.server;
  const ready = (status: string): Promise<unknown> =>
    until(
      () => admin.server(id),
      (server) => server.status === status && server['OS-EXT-STS:task_state'] === null,
    );
  await ready('ACTIVE');
  for (const version of ['2.1', '2.53', '2.87']) {
    like(t, `nova-server-detail-${version}`, await get(`/servers/${id}`, version));
  }
  const { 'OS-EXT-SRV-ATTR:host': host } = await admin.server(id);
  like(t, 'nova-servers-detail-by-host', await get(`/servers/detail?all_tenants=1&host=${host}`, '2.53'));

  like(t, 'nova-reset-state', await admin.action(id, { 'os-resetState': { state: 'error' } }));
  like(t, 'nova-server-detail-error', await get(`/servers/${id}`, '2.53'));
  await admin.action(id, { 'os-resetState': { state: 'active' } });

  const named = { host, binary: 'nova-compute' };
  like(
    t,
    'nova-force-down-2.11',
    await put('/os-services/force-down', { ...named, forced_down: true }, '2.11'),
  );
  like(t, 'nova-server-on-forced-down-host', await get(`/servers/${id}`, '2.53'));
  like(
    t,
    'nova-force-up-2.11',
    await put('/os-services/force-down', { ...named, forced_down: false }, '2.11'),
  );
  const old = await put('/os-services/force-down', { ...named, forced_down: false }, '2.53');
  like(t, 'nova-force-down-2.11-path-with-2.53', old);
  t.deepEqual(old.body, readSample('nova-force-down-2.11-path-with-2.53').response.body);
  const service = (await get(`/os-services?host=${host}`, '2.53')).body.services[0].id;
  like(t, 'nova-force-down-2.53', await put(`/os-services/${service}`, { forced_down: true }, '2.53'));
  await put(`/os-services/${service}`, { forced_down: false }, '2.53');
  const reason = { disabled_reason: 'maintenance' };
  like(
    t,
    'nova-service-disable-2.1',
    await put('/os-services/disable-log-reason', { ...named, ...reason }, '2.1'),
  );
  like(t, 'nova-service-enable-2.1', await put('/os-services/enable', named, '2.1'));
  like(
    t,
    'nova-service-disable-2.53',
    await put(`/os-services/${service}`, { status: 'disabled', ...reason }, '2.53'),
  );
  like(t, 'nova-service-enable-2.53', await put(`/os-services/${service}`, { status: 'enabled' }, '2.53'));

  like(t, 'nova-cold-migrate', await admin.action(id, { migrate: null }));
  await ready('VERIFY_RESIZE');
  like(t, 'nova-server-verify-resize', await get(`/servers/${id}`, '2.53'));
  like(t, 'nova-confirm-resize', await admin.action(id, { confirmResize: null }));
  await ready('ACTIVE');
  const live = { 'os-migrateLive': { host: null, block_migration: 'auto' } };
  like(t, 'nova-live-migrate', await admin.action(id, live));
  await ready('ACTIVE');
  like(t, 'nova-os-migrations', await get(`/os-migrations?instance_uuid=${id}`, '2.53'));
  like(t, 'nova-instance-actions', await get(`/servers/${id}/os-instance-actions`, '2.53'));
  like(t, 'nova-server-delete', await admin.nova('DELETE', `/servers/${id}`));
  t.truthy(boot);
});

test('Neutron answers as a real one', async (t) => {
  const { admin, boot } = await startTestBed(t);
  const { neutron } = admin;
  like(t, 'versions-neutron', await send(`${admin.endpoints['network']}/`, 'GET'));
  like(t, 'neutron-agents', await neutron('GET', '/agents'));
  const external = (await neutron('GET', '/networks?router:external=True')).body.networks[0].id;
  const network = await neutron('POST', '/networks', { network: { name: 'n' } });
  like(t, 'neutron-network-create', network);
  const networkId = network.body.network.id;
  const subnet = await neutron('POST', '/subnets', {
    subnet: { name: 's', network_id: networkId, ip_version: 4, cidr: '10.8.0.0/24' },
  });
  like(t, 'neutron-subnet-create', subnet);
  const router = await neutron('POST', '/routers', {
    router: { name: 'r', external_gateway_info: { network_id: external } },
  });
  like(t, 'neutron-router-create', router);
  const path = `/routers/${router.body.router.id}/add_router_interface`;
  like(t, 'neutron-router-add-interface', await neutron('PUT', path, { subnet_id: subnet.body.subnet.id }));
  const [first, second] = [
    await boot(admin, { networks: [{ uuid: networkId }] }),
    await boot(admin, { networks: [{ uuid: networkId }] }),
  ];
  const ports = await neutron('GET', `/ports?device_id=${first.id}`);
  like(t, 'neutron-ports-of-server', ports, ['bound_drivers']);
  const port = ports.body.ports[0].id;
  for (const status of ['DOWN', 'ACTIVE']) {
    const reply = await neutron('PUT', `/ports/${port}`, { port: { data_plane_status: status } });
    like(t, `neutron-port-data-plane-status-${status}`, reply);
    t.is(reply.body.port.data_plane_status, status);
  }
  const floating = await neutron('POST', '/floatingips', {
    floatingip: { floating_network_id: external, port_id: port },
  });
  like(t, 'neutron-floatingip-create', floating);
  const other = (await neutron('GET', `/ports?device_id=${second.id}`)).body.ports[0].id;
  const moved = await neutron('PUT', `/floatingips/${floating.body.floatingip.id}`, {
    floatingip: { port_id: other },
  });
  like(t, 'neutron-floatingip-move', moved);
  t.is(moved.body.floatingip.port_details.device_id, second.id);
  like(t, 'nova-server-with-floating-ip', await admin.nova('GET', `/servers/${second.id}`));
});

test('Glance and Placement answer as real ones', async (t) => {
  const { admin } = await startTestBed(t);
  like(t, 'versions-glance', await send(`${admin.endpoints['image']}/`, 'GET'));
  like(t, 'glance-images', await admin.call('image', 'GET', '/v2/images'));
  like(t, 'versions-placement', await send(`${admin.endpoints['placement']}/`, 'GET'));
});

test('the notification of a reset-state has the shape of the real one', async (t) => {
  const { admin, member, boot, notifications } = await startTestBed(t);
  const { id } = await boot(member);
  notifications.length = 0;
  await admin.action(id, { 'os-resetState': { state: 'error' } });
  const recorded = readRecording('amqp-compute-instance-update-messagingv2') as {
    body: string;
    exchange: string;
    routing_key: string;
  };
  const real = JSON.parse(
    (JSON.parse(recorded.body) as Record<string, string>)['oslo.message'] ?? '',
  ) as Record<string, unknown>;
  const [ours] = notifications;
  t.is(ours?.exchange, recorded.exchange);
  t.is(ours?.routingKey, recorded.routing_key);
  t.deepEqual(shapeDifferences(real, ours?.message), []);
  t.is(ours?.message.event_type, 'compute.instance.update');
  t.is(ours?.message.payload['state'], 'error');
  t.is(ours?.message.payload['old_state'], 'active');
  t.is(ours?.message.payload['instance_id'], id);
  t.is(ours?.message.payload['tenant_id'], member.projectId);
  t.false(JSON.stringify(ours).includes(admin.token), 'the token is not told');
});
