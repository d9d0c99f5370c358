import test from 'ava';
import { roomyCloud, startTool, type ToolUnderTest } from './harness.test.helper.js';

const call = async (
  { tool }: ToolUnderTest,
  method: string,
  path: string,
  { body, token = 'p' }: { body?: unknown; token?: string } = {},
) => {
  const response = await fetch(new URL(path, tool.endpoint), {
    method,
    headers: {
      'x-auth-token': token,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: bodies of all routes
  return { status: response.status, body: (await response.json()) as any };
};
const GROUP = { project_id: 'p', max_impacted_members: 1, anti_affinity_group: false, recovery_time: 3 };
const INSTANCE = { project_id: 'p', group_id: 'g', lead_time: 2 };
const soon = () => new Date(Date.now() + 60_000).toISOString();

test('constraints are put, told and deleted by their project alone; what is wrong names the field', async (t) => {
  const under = await startTool({ auth: 'keystone' });
  t.teardown(() => under.close());
  for (const [path, body] of [
    ['instance_group/g', GROUP],
    ['instance/s1', INSTANCE],
  ] as const) {
    t.is((await call(under, 'GET', path)).status, 404);
    t.is((await call(under, 'DELETE', path)).status, 404);
    t.is((await call(under, 'PUT', path, { body, token: 'q' })).status, 403);
    t.deepEqual((await call(under, 'PUT', path, { body })).body, { ...body, enforced: true });
    t.deepEqual((await call(under, 'GET', path)).body, body);
    t.is((await call(under, 'GET', path, { token: 'q' })).status, 403);
    t.is((await call(under, 'PUT', path, { body: { ...body, project_id: 'q' }, token: 'q' })).status, 403);
    t.is((await call(under, 'DELETE', path, { token: 'q' })).status, 403);
    t.is((await call(under, 'GET', path, { token: 'x:admin' })).status, 200);
    for (const wrong of [[], {}, { ...body, project_id: 5 }])
      t.is((await call(under, 'PUT', path, { body: wrong })).status, 400);
    t.is((await call(under, 'DELETE', path)).status, 200);
    t.is((await call(under, 'GET', path)).status, 404);
  }
  const none = await call(under, 'PUT', 'instance_group/g', { body: { ...GROUP, max_impacted_members: 0 } });
  t.is(none.status, 400);
  t.regex(none.body.error.field ?? '', /max_impacted_members/);
});

test('a plan keeps to what is demanded: no more hosts side by side than members may be touched, and members apart', async (t) => {
  const cloud = roomyCloud();
  for (const hostname of ['c4', 'c5', 'c6']) cloud.addHost(hostname, 2);
  cloud.addInstance('s3', 'c3');
  const under = await startTool({ auth: 'keystone', max_parallel_hosts: 3 }, cloud);
  t.teardown(() => under.close());
  cloud.subscribe('p');
  const plan = async () =>
    (
      await call(under, 'POST', 'maintenance/plan', {
        body: { maintenance_at: soon(), hosts: ['c1', 'c2', 'c3'] },
        token: 'x:admin',
      })
    ).body as { hosts: string[][]; moves: { instance_id: string; to: string }[]; shortages: string[] };
  const targets = ({ moves }: { moves: { instance_id: string; to: string }[] }) =>
    moves.filter(({ instance_id }) => instance_id.startsWith('s')).map(({ to }) => to);
  const free = await plan();
  t.deepEqual(free.shortages, []);
  // r1 and r2 are apart and one at a time; c3 with s3 alone may go beside one of them
  t.is(free.hosts.length, 2);
  await call(under, 'PUT', 'instance_group/g', { body: { ...GROUP, anti_affinity_group: true } });
  for (const id of ['s1', 's2', 's3']) await call(under, 'PUT', `instance/${id}`, { body: INSTANCE });
  const demanded = await plan();
  t.deepEqual(demanded.shortages, []);
  t.is(demanded.hosts.length, 3);
  t.is(new Set(targets(demanded)).size, 3);
  await call(under, 'DELETE', 'instance_group/g');
  t.is((await plan()).hosts.length, 2);
  // another project's demands on these instances count for nothing
  for (const id of ['s1', 's2', 's3']) await call(under, 'DELETE', `instance/${id}`);
  const strange = { ...GROUP, project_id: 'q', anti_affinity_group: true };
  t.is((await call(under, 'PUT', 'instance_group/q', { body: strange, token: 'q' })).status, 200);
  for (const id of ['s1', 's2', 's3'])
    await call(under, 'PUT', `instance/${id}`, { body: { project_id: 'q', group_id: 'q' }, token: 'q' });
  t.is((await plan()).hosts.length, 2);
});
