import { createVirtualClock, type VirtualClock } from '@nfv-doctor/core/testing';
import test from 'ava';
import { startTestBed, type TestBed, until, type User } from '../cloud.test.helper.js';

const ERROR = { 'os-resetState': { state: 'error' } };
const HOST = 'OS-EXT-SRV-ATTR:host';

const forceDown = (admin: User, host: string, down: boolean): Promise<unknown> =>
  admin.nova('PUT', '/os-services/force-down', { host, binary: 'nova-compute', forced_down: down }, '2.11');
const settled = ({ admin }: TestBed, id: string, status: string): Promise<Record<string, unknown>> =>
  until(
    () => admin.server(id),
    (server) => server.status === status && server['OS-EXT-STS:task_state'] === null,
  );

/** Boots a server whose cloud lives on a virtual clock. */
async function bootOn(bed: TestBed, clock: VirtualClock, user: User): Promise<string> {
  const server = { name: 'vm', flavorRef: '1', imageRef: bed.imageId, networks: [{ uuid: bed.networkId }] };
  const { body } = await user.nova('POST', '/servers', { server });
  await clock.advance(1);
  return body.server.id;
}

test('reset-state sets ERROR and ACTIVE; a member may not', async (t) => {
  const { admin, member, boot } = await startTestBed(t);
  const { id } = await boot(member);
  const denied = await member.action(id, ERROR);
  t.is(denied.status, 403);
  t.is(
    denied.body.forbidden.message,
    "Policy doesn't allow os_compute_api:os-admin-actions:reset_state to be performed.",
  );
  t.is((await admin.action(id, ERROR)).status, 202);
  t.is((await member.server(id)).status, 'ERROR');
  t.is((await admin.action(id, { 'os-resetState': { state: 'active' } })).status, 202);
  t.is((await member.server(id)).status, 'ACTIVE');
  const bad = await admin.action(id, { 'os-resetState': { state: 'asleep' } });
  t.is(bad.status, 400);
  t.is(
    bad.body.badRequest.message,
    "Invalid input for field/attribute state. Value: asleep. 'asleep' is not one of ['active', 'error']",
  );
});

test('a server in ERROR is not migrated, in the words of Nova', async (t) => {
  const { admin, member, boot } = await startTestBed(t);
  const { id } = await boot(member);
  await admin.action(id, ERROR);
  for (const [action, body] of [
    ['migrate', { migrate: null }],
    ['os-migrateLive', { 'os-migrateLive': { host: null, block_migration: 'auto' } }],
    ['confirmResize', { confirmResize: null }],
  ] as const) {
    const reply = await admin.action(id, body);
    t.is(reply.status, 409);
    t.is(
      reply.body.conflictingRequest.message,
      `Cannot '${action}' instance ${id} while it is in vm_state error`,
    );
  }
});

test('a cold migration takes its time, waits for confirmation and frees the source then', async (t) => {
  const clock = createVirtualClock();
  const bed = await startTestBed(t, { clock, migrationMs: 100, confirmMs: 20 });
  const { admin, member } = bed;
  const id = await bootOn(bed, clock, member);
  const source = (await admin.server(id))[HOST];
  t.is((await admin.action(id, { migrate: null })).status, 202);
  t.is((await admin.server(id)).status, 'RESIZE');
  const again = await admin.action(id, { migrate: null });
  t.is(again.status, 409);
  t.regex(again.body.conflictingRequest.message, /while it is in task_state resize_/);
  await clock.advance(100);
  const moved = await settled(bed, id, 'VERIFY_RESIZE');
  t.not(moved[HOST], source);
  const used = async (host: unknown): Promise<number> => {
    const { hypervisors } = (await admin.nova('GET', '/os-hypervisors/detail')).body;
    return hypervisors.find((one: { hypervisor_hostname: string }) => one.hypervisor_hostname === host)
      .vcpus_used;
  };
  t.is(await used(source), 1, 'the source is held until the confirmation');
  t.is((await admin.action(id, { confirmResize: null })).status, 204);
  t.is((await admin.server(id)).status, 'VERIFY_RESIZE');
  await clock.advance(20);
  await settled(bed, id, 'ACTIVE');
  t.is(await used(source), 0);
  t.is(await used(moved[HOST]), 1);
  const migrations = (await admin.nova('GET', `/os-migrations?instance_uuid=${id}`)).body.migrations;
  t.is(migrations.at(-1).status, 'confirmed');
  t.is((await member.neutron('GET', `/ports?device_id=${id}`)).body.ports[0].status, 'ACTIVE');
});

test('a live migration leaves the server ACTIVE', async (t) => {
  const clock = createVirtualClock();
  const bed = await startTestBed(t, { clock, liveMigrationMs: 50 });
  const { admin, member } = bed;
  const id = await bootOn(bed, clock, member);
  const source = (await admin.server(id))[HOST];
  t.is((await admin.action(id, { 'os-migrateLive': { host: null, block_migration: 'auto' } })).status, 202);
  t.is((await admin.server(id)).status, 'MIGRATING');
  await clock.advance(50);
  const moved = await settled(bed, id, 'ACTIVE');
  t.not(moved[HOST], source);
});

test('without another host a migration is accepted, and the server stays as it was', async (t) => {
  const bed = await startTestBed(t, { hosts: { count: 1 } });
  const { admin, member, boot } = bed;
  const { id } = await boot(member);
  t.is((await admin.action(id, { migrate: null })).status, 202);
  await settled(bed, id, 'ACTIVE');
  const { migrations } = (await admin.nova('GET', `/os-migrations?instance_uuid=${id}`)).body;
  t.is(migrations[0].status, 'error');
});

test('nothing is scheduled on a disabled or forced-down host', async (t) => {
  const { admin, member, boot } = await startTestBed(t);
  await forceDown(admin, 'compute-1', true);
  await admin.nova('PUT', '/os-services/disable', { host: 'compute-2', binary: 'nova-compute' }, '2.1');
  for (let count = 0; count < 3; count += 1) {
    const { id } = await boot(member);
    t.is((await admin.server(id))[HOST], 'compute-3');
  }
  await forceDown(admin, 'compute-3', true);
  const none = await boot(member);
  t.is(none.status, 'ERROR');
  await forceDown(admin, 'compute-1', false);
  const { id } = await boot(member);
  t.is((await admin.server(id))[HOST], 'compute-1');
});

test('a server of a forced-down host: status DOWN for its owner, no migration, but evacuation', async (t) => {
  const bed = await startTestBed(t);
  const { admin, member, boot } = bed;
  const { id } = await boot(member);
  const host = (await admin.server(id))[HOST];
  const early = await admin.action(id, { evacuate: {} });
  t.is(early.status, 400);
  t.is(early.body.badRequest.message, `Compute service of ${host} is still in use.`);
  await forceDown(admin, host, true);
  t.is((await member.server(id, '2.16')).host_status, 'DOWN');
  t.is((await member.server(id, '2.15')).host_status, undefined);
  const refused = await admin.action(id, { migrate: null });
  t.is(refused.status, 409);
  t.is(refused.body.conflictingRequest.message, `Compute service of ${host} is unavailable at this time.`);
  await admin.action(id, ERROR);
  t.is((await admin.action(id, { evacuate: {} })).status, 200);
  const moved = await settled(bed, id, 'ACTIVE');
  t.not(moved[HOST], host);
});

test('host_status is hidden from owners where the policy says so', async (t) => {
  const { admin, member, boot } = await startTestBed(t, { ownersSeeHostStatus: false });
  const { id } = await boot(member);
  t.is((await member.server(id)).host_status, undefined);
  t.is((await admin.server(id)).host_status, 'UP');
});

test('a host that falls silent keeps work waiting until it is back', async (t) => {
  const bed = await startTestBed(t, { hosts: { count: 1 } });
  const { cloud, admin, member, boot, imageId, networkId } = bed;
  const { id } = await boot(member);
  await cloud.cutNetwork('compute-1');
  t.is((await member.nova('DELETE', `/servers/${id}`)).status, 204);
  const server = { name: 'late', flavorRef: '1', imageRef: imageId, networks: [{ uuid: networkId }] };
  const created = await member.nova('POST', '/servers', { server });
  t.is((await admin.server(id))['OS-EXT-STS:task_state'], 'deleting');
  t.is((await admin.server(created.body.server.id)).status, 'BUILD');
  t.is((await admin.action(created.body.server.id, { 'os-resetState': { state: 'error' } })).status, 202);
  await cloud.restoreNetwork('compute-1');
  t.is((await member.nova('GET', `/servers/${id}`)).status, 404);
});

test('a state that is reset in the middle of a migration ends the migration and frees the destination', async (t) => {
  const clock = createVirtualClock();
  const bed = await startTestBed(t, { clock, migrationMs: 50 });
  const { admin, member } = bed;
  const id = await bootOn(bed, clock, member);
  const source = (await admin.server(id))[HOST];
  await admin.action(id, { migrate: null });
  await admin.action(id, ERROR);
  await clock.advance(50);
  await until(
    async () => (await admin.nova('GET', `/os-migrations?instance_uuid=${id}`)).body.migrations[0].status,
    (status) => status === 'error',
  );
  t.is((await admin.server(id))[HOST], source);
  const { hypervisors } = (await admin.nova('GET', '/os-hypervisors/detail')).body;
  const used = hypervisors.map((one: { vcpus_used: number }) => one.vcpus_used);
  t.is(
    used.reduce((sum: number, one: number) => sum + one, 0),
    1,
  );
});

test('stop, start, pause and lock', async (t) => {
  const bed = await startTestBed(t);
  const { member, boot } = bed;
  const { id } = await boot(member);
  await member.action(id, { 'os-stop': null });
  await settled(bed, id, 'SHUTOFF');
  t.is((await member.action(id, { 'os-stop': null })).status, 409);
  await member.action(id, { 'os-start': null });
  await settled(bed, id, 'ACTIVE');
  await member.action(id, { lock: null });
  const locked = await member.nova('DELETE', `/servers/${id}`);
  t.is(locked.body.conflictingRequest.message, `Instance ${id} is locked`);
});
