import test from 'ava';
import { addMember, startTestBed } from '../cloud.test.helper.js';

test('a server boots on a host with an address, and is gone after its deletion', async (t) => {
  const { admin, member, boot } = await startTestBed(t);
  const server = await boot(member);
  t.is(server.status, 'ACTIVE');
  t.regex(server.addresses.net[0].addr, /^10\.9\./);
  t.false('OS-EXT-SRV-ATTR:host' in server, 'a member does not see the host');
  const seen = await admin.server(server.id);
  t.regex(seen['OS-EXT-SRV-ATTR:host'], /^compute-\d$/);
  t.is((await member.neutron('GET', `/ports?device_id=${server.id}`)).body.ports.length, 1);

  t.is((await member.nova('DELETE', `/servers/${server.id}`)).status, 204);
  let status = 200;
  for (let tries = 0; status !== 404 && tries < 100; tries += 1) {
    status = (await member.nova('GET', `/servers/${server.id}`)).status;
  }
  t.is(status, 404);
  t.is((await member.neutron('GET', `/ports?device_id=${server.id}`)).body.ports.length, 0);
});

test('lists page with a marker, newest first, and miss nothing', async (t) => {
  const { member, boot } = await startTestBed(t, { quota: { instances: -1, cores: -1 } });
  await boot(member, { name: 'many', min_count: 7 });
  const seen: string[] = [];
  let path: string | undefined = '/servers/detail?limit=3';
  let pages = 0;
  while (path !== undefined) {
    const { body } = await member.nova('GET', path);
    seen.push(...body.servers.map((server: { name: string }) => server.name));
    pages += 1;
    const next: string | undefined = body.servers_links?.[0]?.href;
    path = next === undefined ? undefined : next.slice(next.indexOf('/servers/detail'));
  }
  t.is(pages, 3);
  t.deepEqual(seen, ['many-7', 'many-6', 'many-5', 'many-4', 'many-3', 'many-2', 'many-1']);
  t.is((await member.nova('GET', '/servers?marker=11111111-1111-1111-1111-111111111111')).status, 400);
  t.is((await member.nova('GET', '/servers?limit=x')).status, 400);
});

test('a project sees its own servers only; an admin sees all, by host', async (t) => {
  const { cloud, admin, member, boot } = await startTestBed(t);
  const other = await addMember(cloud, admin, 'other');
  const server = await boot(member);
  t.is((await other.nova('GET', `/servers/${server.id}`)).status, 404);
  t.is((await other.nova('GET', '/servers')).body.servers.length, 0);
  const denied = await other.nova('GET', '/servers/detail?all_tenants=1');
  t.is(denied.status, 403);
  t.is(
    denied.body.forbidden.message,
    "Policy doesn't allow os_compute_api:servers:detail:get_all_tenants to be performed.",
  );
  t.is((await admin.nova('GET', '/servers')).body.servers.length, 0);
  const { 'OS-EXT-SRV-ATTR:host': host } = await admin.server(server.id);
  const byHost = await admin.nova('GET', `/servers/detail?all_tenants=1&host=${host}`);
  t.deepEqual(
    byHost.body.servers.map((one: { id: string }) => one.id),
    [server.id],
  );
  const elsewhere = await admin.nova('GET', '/servers/detail?all_tenants=1&host=nowhere');
  t.deepEqual(elsewhere.body.servers, []);
});

test('over the quota is 403 in the words of Nova, and nothing is made', async (t) => {
  const { admin, member, boot, networkId, imageId } = await startTestBed(t);
  await admin.nova('PUT', `/os-quota-sets/${member.projectId}`, { quota_set: { instances: 1 } });
  await boot(member);
  const server = { name: 'vm', flavorRef: '1', imageRef: imageId, networks: [{ uuid: networkId }] };
  const reply = await member.nova('POST', '/servers', { server });
  t.is(reply.status, 403);
  t.is(
    reply.body.forbidden.message,
    'Quota exceeded for instances: Requested 1, but already used 1 of 1 instances',
  );
  t.is((await member.nova('GET', '/servers')).body.servers.length, 1);
});

test('what a server is made of must exist', async (t) => {
  const { member, networkId, imageId } = await startTestBed(t);
  const good = { name: 'vm', flavorRef: '1', imageRef: imageId, networks: [{ uuid: networkId }] };
  const nobody = '00000000-0000-4000-8000-000000000000';
  const cases: [Record<string, unknown>, string][] = [
    [{ ...good, flavorRef: '77' }, 'Flavor 77 could not be found.'],
    [{ ...good, imageRef: nobody }, `Image ${nobody} could not be found.`],
    [{ ...good, networks: [{ uuid: nobody }] }, `Network ${nobody} could not be found.`],
    [{ ...good, name: undefined }, "'name' is a required property"],
    [{ ...good, availability_zone: 'moon' }, 'The requested availability zone is not available'],
  ];
  for (const [server, message] of cases) {
    const reply = await member.nova('POST', '/servers', { server });
    t.is(reply.status, 400);
    t.is(reply.body.badRequest.message, message);
  }
  const forced = await member.nova('POST', '/servers', {
    server: { ...good, availability_zone: 'nova:compute-1' },
  });
  t.is(forced.status, 403);
});

test('members of an anti-affinity group are on different hosts; one too many finds no host', async (t) => {
  const { admin, member, boot } = await startTestBed(t);
  const group = await member.nova('POST', '/os-server-groups', {
    server_group: { name: 'ha', policies: ['anti-affinity'] },
  });
  const hints = { group: group.body.server_group.id };
  const hosts = new Set<string>();
  for (let count = 0; count < 3; count += 1) {
    const server = await boot(member, {}, hints);
    hosts.add((await admin.server(server.id))['OS-EXT-SRV-ATTR:host']);
  }
  t.is(hosts.size, 3);
  const last = await boot(member, {}, hints);
  t.is(last.status, 'ERROR');
  t.is(last.fault.code, 500);
  t.is(last.fault.message, 'No valid host was found. There are not enough hosts available.');
});

test('a full cloud has no valid host, and a deletion makes room again', async (t) => {
  const { member, boot } = await startTestBed(t, { hosts: { count: 1, vcpus: 1 } });
  const first = await boot(member);
  t.is((await boot(member)).status, 'ERROR');
  await member.nova('DELETE', `/servers/${first.id}`);
  let status = 'ERROR';
  for (let tries = 0; status === 'ERROR' && tries < 5; tries += 1) status = (await boot(member)).status;
  t.is(status, 'ACTIVE');
});

test('1,000 servers on one host: made in one call, and a reset-state costs the same as with ten', async (t) => {
  const { admin, boot } = await startTestBed(t, {
    hosts: { count: 2, vcpus: 1010, memoryMb: 1_000_000, diskGb: 10_000 },
    quota: { instances: -1, cores: -1, ram: -1 },
  });
  const { id: networkId } = (await admin.neutron('GET', '/networks?name=net')).body.networks[0];
  const fill = (count: number): Promise<unknown> =>
    boot(admin, { min_count: count, availability_zone: 'nova:compute-1', networks: [{ uuid: networkId }] });
  const list = async (): Promise<string[]> => {
    const { servers } = (await admin.nova('GET', '/servers?host=compute-1&all_tenants=1')).body;
    return servers.map((server: { id: string }) => server.id);
  };
  /** Mean time of a reset-state, ms. */
  const resets = async (ids: readonly string[], times: number): Promise<number> => {
    const started = performance.now();
    for (let count = 0; count < times; count += 1) {
      const reply = await admin.action(ids[count % ids.length] ?? '', {
        'os-resetState': { state: 'error' },
      });
      if (reply.status !== 202) throw new Error(`reset-state: ${reply.status}`);
    }
    return (performance.now() - started) / times;
  };
  await fill(10);
  await resets(await list(), 100);
  const few = await resets(await list(), 300);
  await fill(990);
  const ids = await list();
  t.is(ids.length, 1000);
  const many = await resets(ids, 1000);
  t.log(
    `a reset-state: ${few.toFixed(2)} ms with 10 servers, ${many.toFixed(2)} ms with 1,000 (client included)`,
  );
  t.true(many < 4 * few + 1);
  t.is((await admin.nova('GET', '/servers?all_tenants=1&status=ERROR')).body.servers.length, 1000);
});
