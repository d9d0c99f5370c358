import test from 'ava';
import { startTestBed } from '../cloud.test.helper.js';

test('force-down in both forms; a member may not', async (t) => {
  const { admin, member } = await startTestBed(t);
  const body = { host: 'compute-1', binary: 'nova-compute', forced_down: true };
  const denied = await member.nova('PUT', '/os-services/force-down', body, '2.11');
  t.is(denied.status, 403);
  t.is(
    denied.body.forbidden.message,
    "Policy doesn't allow os_compute_api:os-services:update to be performed.",
  );

  t.is((await admin.nova('PUT', '/os-services/force-down', body, '2.11')).status, 200);
  const { services } = (await admin.nova('GET', '/os-services?host=compute-1')).body;
  t.is(services.length, 1);
  t.true(services[0].forced_down);
  t.is(services[0].state, 'down');
  const up = await admin.nova('PUT', `/os-services/${services[0].id}`, { forced_down: false });
  t.is(up.body.service.state, 'up');

  const old = await admin.nova('PUT', '/os-services/force-down', body, '2.53');
  t.is(old.status, 400);
  t.is(
    old.body.badRequest.message,
    "Additional properties are not allowed ('binary', 'host' were unexpected)",
  );
  t.is((await admin.nova('PUT', '/os-services/force-down', body, '2.10')).status, 404);
  // Congress sends the text "True".
  t.is(
    (await admin.nova('PUT', '/os-services/force-down', { ...body, forced_down: 'True' }, '2.26')).status,
    200,
  );
});

test('an unknown host is 404', async (t) => {
  const { admin } = await startTestBed(t);
  const body = { host: 'moon', binary: 'nova-compute', forced_down: true };
  const reply = await admin.nova('PUT', '/os-services/force-down', body, '2.11');
  t.is(reply.status, 404);
  t.is(reply.body.itemNotFound.message, 'Could not find binary nova-compute on host moon.');
  const nobody = '00000000-0000-4000-8000-000000000000';
  t.is((await admin.nova('PUT', `/os-services/${nobody}`, { forced_down: true })).status, 404);
});

test('disable and enable with a reason, seen in host_status and the hypervisor', async (t) => {
  const { admin, boot } = await startTestBed(t, { hosts: { count: 1 } });
  const { id } = (await admin.neutron('GET', '/networks?name=net')).body.networks[0];
  const server = await boot(admin, { networks: [{ uuid: id }] });
  const body = { host: 'compute-1', binary: 'nova-compute', disabled_reason: 'maintenance' };
  await admin.nova('PUT', '/os-services/disable-log-reason', body, '2.1');
  t.is((await admin.server(server.id)).host_status, 'MAINTENANCE');
  const [service] = (await admin.nova('GET', '/os-services?binary=nova-compute')).body.services;
  t.is(service.disabled_reason, 'maintenance');
  const enabled = await admin.nova('PUT', `/os-services/${service.id}`, { status: 'enabled' });
  t.is(enabled.body.service.disabled_reason, null);
  t.is((await admin.server(server.id)).host_status, 'UP');
  const useless = await admin.nova('PUT', `/os-services/${service.id}`, {});
  t.is(useless.status, 400);
});

test('microversions: out of range 406, malformed 400, latest is the highest', async (t) => {
  const { admin } = await startTestBed(t);
  const tooHigh = await admin.nova('GET', '/servers', undefined, '2.94');
  t.is(tooHigh.status, 406);
  t.is(
    tooHigh.body.computeFault.message,
    'Version 2.94 is not supported by the API. Minimum is 2.1 and maximum is 2.93.',
  );
  t.is((await admin.nova('GET', '/servers', undefined, 'x')).status, 400);
  t.is(
    (await admin.nova('GET', '/servers', undefined, 'latest')).headers.get('openstack-api-version'),
    'compute 2.93',
  );
  t.is(
    (await admin.nova('GET', '/os-hypervisors/detail', undefined, '2.88')).body.hypervisors[0].vcpus_used,
    undefined,
  );
});
