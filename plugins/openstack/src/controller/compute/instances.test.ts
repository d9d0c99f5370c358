import { systemClock } from '@nfv-doctor/core/testing';
import test from 'ava';
import { createController } from '../../testing/controller.test.util.js';
import type { SeenRequest } from '../../testing/fake-cloud.test.util.js';

const LIST = 'GET /compute/v2.1/servers/detail';
const queryOf = ({ path }: SeenRequest) => Object.fromEntries(new URL(path, 'http://h').searchParams);
const server = (id: number) => ({ id: String(id), name: `vm-${id}`, status: 'ACTIVE', tenant_id: 'p' });

test('all pages by marker, whatever size Nova makes them', async (t) => {
  const { cloud, controller } = await createController(t, systemClock);
  const all = Array.from({ length: 25 }, (_, index) => server(index));
  cloud.on(LIST, (request) => {
    const from = Number(queryOf(request)['marker'] ?? -1) + 1;
    const page = all.slice(from, from + 10);
    const links =
      from + 10 < all.length ? { servers_links: [{ rel: 'next', href: 'http://elsewhere/' }] } : {};
    return { json: { servers: page, ...links } };
  });
  const instances = await controller.compute.instances();
  t.deepEqual(
    instances.map(({ id }) => Number(id)),
    [...all.keys()],
  );
  t.is(cloud.count(LIST), 3);
});

test('filters: host, project, exact name; an administrator sees all projects', async (t) => {
  const { cloud, controller } = await createController(t, systemClock);
  cloud.on(LIST, { json: { servers: [server(1), { ...server(2), name: 'vm-1.0' }] } });
  const found = await controller.compute.instances({ hostname: 'c', projectId: 'p', name: 'vm-1.0' });
  t.deepEqual(
    found.map(({ id }) => id),
    ['2'],
  );
  const [request] = cloud.requests.slice(-1);
  t.deepEqual(request && queryOf(request), {
    all_tenants: '1',
    host: 'c',
    project_id: 'p',
    name: String.raw`^vm-1\.0$`,
    limit: '1000',
  });
  await controller.compute.instances({ allProjects: false });
  t.false(cloud.requests.at(-1)?.path.includes('all_tenants'));
});

test('a host to boot on is named with its zone, a server group as a hint', async (t) => {
  const { cloud, controller, replay } = await createController(t, systemClock);
  replay('nova-os-services-2.53');
  cloud.on('POST /compute/v2.1/servers', { status: 202, json: { server: { id: '1' } } });
  cloud.on('GET /compute/v2.1/servers/1', { json: { server: server(1) } });
  await controller.compute.createInstance({
    name: 'vm-1',
    flavorId: 'f',
    imageId: 'i',
    networkIds: ['n'],
    hostname: 'compute-1',
    serverGroupId: 'g',
    metadata: { k: 'v' },
  });
  t.deepEqual(JSON.parse(cloud.requests.at(-2)?.body ?? ''), {
    server: {
      name: 'vm-1',
      flavorRef: 'f',
      imageRef: 'i',
      networks: [{ uuid: 'n' }],
      metadata: { k: 'v' },
      availability_zone: 'nova:compute-1',
    },
    'os:scheduler_hints': { group: 'g' },
  });
});

test('reset-state is repeated after a failure, creating and migrating are not', async (t) => {
  const { cloud, controller } = await createController(t, systemClock);
  const action = 'POST /compute/v2.1/servers/1/action';
  cloud.on(action, ({ nth }) => (nth === 0 ? { status: 503 } : { status: 202 }));
  await controller.compute.resetState('1', 'error');
  t.is(cloud.count(action), 2);
  cloud.on(action, { status: 503 });
  await t.throwsAsync(controller.compute.migrate('1'));
  t.is(cloud.count(action), 3);
  cloud.on('POST /compute/v2.1/servers', { status: 504 });
  await t.throwsAsync(
    controller.compute.createInstance({ name: 'n', flavorId: 'f', imageId: 'i', networkIds: [] }),
  );
  t.is(cloud.count('POST /compute/v2.1/servers'), 1);
});

test('moves to a chosen host: what the microversion allows', async (t) => {
  const old = await createController(t, systemClock, '2.20');
  await t.throwsAsync(old.controller.compute.migrate('1', 'c'), {
    message: /needs microversion 2\.56 of compute; this cloud's is 2\.20/,
  });
  old.cloud.on('POST /compute/v2.1/servers/1/action', { status: 202 });
  await old.controller.compute.liveMigrate('1', 'c');
  t.deepEqual(JSON.parse(old.cloud.requests.at(-1)?.body ?? ''), {
    'os-migrateLive': { host: 'c', block_migration: false, disk_over_commit: false },
  });
  const { cloud, controller } = await createController(t, systemClock);
  cloud.on('POST /compute/v2.1/servers/1/action', { status: 202 });
  await controller.compute.migrate('1', 'c');
  t.deepEqual(JSON.parse(cloud.requests.at(-1)?.body ?? ''), { migrate: { host: 'c' } });
});

test('server groups before and after 2.64', async (t) => {
  for (const [maximum, sent] of [
    ['2.63', { name: 'g', policies: ['affinity'] }],
    ['2.64', { name: 'g', policy: 'affinity' }],
  ] as const) {
    const { cloud, controller } = await createController(t, systemClock, maximum);
    cloud.on('POST /compute/v2.1/os-server-groups', ({ body }) => ({
      json: { server_group: { id: '1', ...(JSON.parse(body) as { server_group: object }).server_group } },
    }));
    const group = await controller.compute.createServerGroup('g', 'affinity');
    t.deepEqual(group, { id: '1', name: 'g', policy: 'affinity', members: [] });
    t.deepEqual(JSON.parse(cloud.requests.at(-1)?.body ?? ''), { server_group: sent });
  }
});

test('server groups: all of everybody for an administrator, page after page', async (t) => {
  const { cloud, controller } = await createController(t, systemClock);
  const groups = Array.from({ length: 5 }, (_, id) => ({
    id: String(id),
    name: 'g',
    policy: 'affinity',
    members: [],
    project_id: 'p',
  }));
  cloud.on('GET /compute/v2.1/os-server-groups', (request) => {
    const from = Number(queryOf(request)['offset']);
    return { json: { server_groups: groups.slice(from, from + 2) } };
  });
  const found = await controller.compute.serverGroups();
  t.deepEqual(
    found.map(({ id }) => id),
    ['0', '1', '2', '3', '4'],
  );
  t.is(queryOf(cloud.requests.at(-1) ?? ({ path: '/' } as SeenRequest))['all_projects'], 'True');
});
