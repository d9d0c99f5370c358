import test from 'ava';
import { type ToolUnderTest, startTool } from './harness.test.helper.js';

const soon = () => new Date(Date.now() + 60_000).toISOString().slice(0, 19).replace('T', ' ');

const call = async (
  { tool }: ToolUnderTest,
  method: string,
  path: string,
  { body, token }: { body?: unknown; token?: string } = {},
) => {
  const response = await fetch(new URL(path, tool.endpoint), {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { 'x-auth-token': token }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  // biome-ignore lint/suspicious/noExplicitAny: bodies of all routes
  return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as any };
};

test('the calls of the original sample: create, look, instances, answer, delete', async (t) => {
  const under = await startTool();
  under.cloud.subscribe('p');
  const created = await call(under, 'POST', 'maintenance', {
    body: {
      state: 'MAINTENANCE',
      maintenance_at: soon(),
      metadata: { openstack_version: 'Train' },
      workflow: 'default',
      hosts: ['c1', 'c2', 'c3'],
    },
  });
  t.is(created.status, 200);
  t.is(created.body.state, 'ACK_MAINTENANCE');
  const session = `maintenance/${created.body.session_id}`;
  t.is((await call(under, 'GET', session)).body.state, 'MAINTENANCE');
  t.deepEqual((await call(under, 'GET', `${session}/p`)).body.instance_ids.toSorted(), [
    'r1',
    'r2',
    's1',
    's2',
  ]);
  const answer = { session_id: created.body.session_id, state: 'ACK_MAINTENANCE', instance_ids: ['r1'] };
  t.is((await call(under, 'PUT', `${session}/p`, { body: answer })).status, 200);
  t.is((await call(under, 'GET', 'maintenance')).body.sessions.length, 1);
  t.is((await call(under, 'DELETE', session)).status, 200);
  t.is((await call(under, 'GET', session)).status, 404);
  await under.close();
});

test('bodies of the wrong shape on every path are 4xx that name the field', async (t) => {
  const under = await startTool();
  for (const [method, path] of [
    ['POST', 'maintenance'],
    ['POST', 'maintenance/plan'],
    ['PUT', 'maintenance/s/p'],
  ] as const)
    for (const body of [
      [],
      'text',
      7,
      {},
      { maintenance_at: 5, state: 5 },
      { hosts: 'c1', maintenance_at: soon(), state: [] },
    ]) {
      const { status, body: answer } = await call(under, method, path, { body });
      t.true(status >= 400 && status < 500, `${method} ${path} ${JSON.stringify(body)}: ${status}`);
      t.truthy(answer.error.message);
    }
  t.regex((await call(under, 'POST', 'maintenance', { body: {} })).body.error.field ?? '', /maintenance_at/);
  const refused = await call(under, 'POST', 'maintenance', {
    body: { maintenance_at: 'never', hosts: ['c9'] },
  });
  t.is(refused.status, 409);
  t.is(refused.body.error.details.reasons.length, 2);
  await under.close();
});

test('a name with a slip is refused, not ignored: a limit would be none', async (t) => {
  const under = await startTool();
  for (const path of ['maintenance', 'maintenance/plan']) {
    const { status, body } = await call(under, 'POST', path, {
      body: { maintenance_at: soon(), max_paralel_hosts: 1 },
    });
    t.is(status, 400);
    t.regex(body.error.message, /max_paralel_hosts is not known/);
  }
  const constraints = [{ group_id: 'g', members: ['r1', 'r2'], max_impacted_member: 1 }];
  const refused = await call(under, 'POST', 'maintenance', { body: { maintenance_at: soon(), constraints } });
  t.is(refused.status, 409);
  t.regex(refused.body.error.message, /constraints\[0\]\.max_impacted_member: unexpected property/i);
  t.is((await call(under, 'GET', 'maintenance')).body.sessions.length, 0);
  await under.close();
});

test('tokens: none, unknown, a member, another project', async (t) => {
  const under = await startTool({ auth: 'keystone' });
  under.cloud.subscribe('p');
  const body = { maintenance_at: soon() };
  t.is((await call(under, 'POST', 'maintenance', { body })).status, 401);
  t.is((await call(under, 'POST', 'maintenance', { body, token: 'invalid' })).status, 401);
  t.is((await call(under, 'POST', 'maintenance', { body, token: 'p' })).status, 403);
  const created = await call(under, 'POST', 'maintenance', { body, token: 'x:admin' });
  t.is(created.status, 200);
  const session = `maintenance/${created.body.session_id}`;
  t.is((await call(under, 'GET', session, { token: 'p' })).status, 403);
  t.is((await call(under, 'GET', `${session}/p`, { token: 'q' })).status, 403);
  const answer = { body: { state: 'ACK_MAINTENANCE' } };
  t.is((await call(under, 'PUT', `${session}/p`, { ...answer, token: 'q' })).status, 403);
  t.is((await call(under, 'PUT', `${session}/q`, { ...answer, token: 'q' })).status, 404);
  const before = (await call(under, 'GET', session, { token: 'x:admin' })).body.projects;
  t.is(before[0].answer, undefined);
  t.is((await call(under, 'PUT', `${session}/p`, { ...answer, token: 'p' })).status, 200);
  t.is((await call(under, 'GET', session, { token: 'x:admin' })).body.projects[0].answer, 'ACK');
  await under.close();
});
