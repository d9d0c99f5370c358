import test from 'ava';
import { addMember, startTestBed } from '../cloud.test.helper.js';

test('a member cannot set data_plane_status, nor see where a port is bound', async (t) => {
  const { admin, member, boot, notifications } = await startTestBed(t);
  const { id } = await boot(member);
  const [port] = (await member.neutron('GET', `/ports?device_id=${id}`)).body.ports;
  t.is(port['binding:host_id'], undefined);
  const denied = await member.neutron('PUT', `/ports/${port.id}`, { port: { data_plane_status: 'DOWN' } });
  t.is(denied.status, 403);
  t.is(denied.body.NeutronError.type, 'PolicyNotAuthorized');
  const bad = await admin.neutron('PUT', `/ports/${port.id}`, { port: { data_plane_status: 'MAYBE' } });
  t.is(bad.status, 400);
  notifications.length = 0;
  t.is(
    (await admin.neutron('PUT', `/ports/${port.id}`, { port: { data_plane_status: 'DOWN' } })).status,
    200,
  );
  t.deepEqual(
    notifications.map((one) => one.message.event_type),
    ['port.update.end'],
  );
  const cleared = await admin.neutron('PUT', `/ports/${port.id}`, { port: { data_plane_status: null } });
  t.is(cleared.body.port.data_plane_status, null);
});

test('a floating IP needs a router, moves between ports, and lets go of a deleted server', async (t) => {
  const { member, boot, subnetId, notifications } = await startTestBed(t);
  const external = (await member.neutron('GET', '/networks?router:external=True')).body.networks[0].id;
  const [first, second] = [await boot(member), await boot(member)];
  const portOf = async (id: string): Promise<string> =>
    (await member.neutron('GET', `/ports?device_id=${id}`)).body.ports[0].id;
  const wanted = { floating_network_id: external, port_id: await portOf(first.id) };
  const early = await member.neutron('POST', '/floatingips', { floatingip: wanted });
  t.is(early.status, 404);
  t.is(early.body.NeutronError.type, 'ExternalGatewayForFloatingIPNotFound');

  const router = await member.neutron('POST', '/routers', {
    router: { name: 'r', external_gateway_info: { network_id: external } },
  });
  const routerPath = `/routers/${router.body.router.id}`;
  await member.neutron('PUT', `${routerPath}/add_router_interface`, { subnet_id: subnetId });
  const created = await member.neutron('POST', '/floatingips', { floatingip: wanted });
  t.is(created.status, 201);
  const path = `/floatingips/${created.body.floatingip.id}`;
  t.is((await member.neutron('DELETE', routerPath)).body.NeutronError.type, 'RouterInUse');

  notifications.length = 0;
  await member.neutron('PUT', path, { floatingip: { port_id: await portOf(second.id) } });
  const [moved] = notifications;
  t.is(moved?.message.event_type, 'floatingip.update.end');
  t.like(moved?.message.payload, { floatingip: { port_id: await portOf(second.id) } });
  const seen = await member.server(second.id);
  t.deepEqual(
    seen.addresses.net.map((one: Record<string, string>) => one['OS-EXT-IPS:type']),
    ['fixed', 'floating'],
  );
  await member.nova('DELETE', `/servers/${second.id}`);
  let port: string | null = 'x';
  for (let tries = 0; port !== null && tries < 100; tries += 1) {
    port = (await member.neutron('GET', path)).body.floatingip.port_id;
  }
  t.is(port, null);
});

test('a network in use stays; resources of others are not there', async (t) => {
  const { cloud, admin, member, boot, networkId } = await startTestBed(t);
  await boot(member);
  t.is((await member.neutron('DELETE', `/networks/${networkId}`)).body.NeutronError.type, 'NetworkInUse');
  const other = await addMember(cloud, admin, 'other');
  t.is((await other.neutron('GET', `/networks/${networkId}`)).status, 404);
  t.deepEqual((await other.neutron('GET', `/networks?id=${networkId}`)).body.networks, []);
  const denied = await other.neutron('POST', '/networks', {
    network: { name: 'x', 'router:external': true },
  });
  t.is(denied.status, 403);
});

test('lists filter, page, and show the fields asked for', async (t) => {
  const { member } = await startTestBed(t);
  for (const name of ['a', 'b', 'c']) await member.neutron('POST', '/networks', { network: { name } });
  const some = await member.neutron('GET', '/networks?name=a&name=c&fields=name');
  t.deepEqual(some.body.networks, [{ name: 'a' }, { name: 'c' }]);
  const page = await member.neutron(
    'GET',
    '/networks?limit=2&sort_key=name&fields=id&fields=name&router:external=False',
  );
  t.deepEqual(
    page.body.networks.map((one: { name: string }) => one.name),
    ['a', 'b'],
  );
  t.regex(page.body.networks_links[0].href, /marker=/);
});

test('over the quota is 409', async (t) => {
  const { admin, member } = await startTestBed(t);
  await admin.neutron('PUT', `/quotas/${member.projectId}`, { quota: { network: 1 } });
  const reply = await member.neutron('POST', '/networks', { network: { name: 'x' } });
  t.is(reply.status, 409);
  t.deepEqual(reply.body.NeutronError, {
    type: 'OverQuota',
    message: "Quota exceeded for resources: ['network'].",
    detail: '',
  });
});
