import { randomUUID } from 'node:crypto';
import type { CloudSession } from '@nfv-doctor/core/plugin-api';
import { createWebhookSink, errorAlarm, instanceUpdate } from '@nfv-doctor/core/testing';
import test, { type ExecutionContext } from 'ava';
import { request } from 'undici';
import { type StartOptions, startNotifier } from '../test-notifier.test.helper.js';

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  // biome-ignore lint/suspicious/noExplicitAny: the tests say what it is
  body: any;
}

async function make(t: ExecutionContext, options: StartOptions = {}) {
  const { notifier, bus } = await startNotifier(t, options);
  const call = async (method: string, path: string, body?: unknown, token?: string): Promise<Answer> => {
    const answer = await request(new URL(path, notifier.endpoint), {
      method: method as 'GET',
      headers: { 'content-type': 'application/json', ...(token ? { 'x-auth-token': token } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
  };
  return { notifier, bus, call };
}

const request1 = (change: object = {}) =>
  errorAlarm(randomUUID(), 'http://127.0.0.1:9/failure', { project_id: 'p', ...change });

test("an alarm is created, shown and deleted as with Aodh's API", async (t) => {
  const { call, notifier } = await make(t);
  // the body that Doctor and Fenix send
  const body = {
    name: 'maintenance',
    type: 'event',
    repeat_actions: true,
    project_id: 'p',
    alarm_actions: ['http://127.0.0.1:9/maintenance.scheduled'],
    event_rule: { event_type: 'maintenance.scheduled', query: [{ field: 'traits.project_id', value: 'p' }] },
  };
  const created = await call('POST', '/v2/alarms', body);
  t.is(created.status, 201);
  const id = created.body.alarm_id;
  t.is(created.headers.location, `${notifier.endpoint?.origin}/v2/alarms/${id}`);
  const {
    alarm_id: _id,
    timestamp,
    state_timestamp: _at,
    evaluate_timestamp: _evaluated,
    ...rest
  } = created.body;
  t.deepEqual(rest, {
    name: 'maintenance',
    description: 'Alarm when maintenance.scheduled event occurred.',
    type: 'event',
    enabled: true,
    severity: 'low',
    repeat_actions: true,
    alarm_actions: body.alarm_actions,
    ok_actions: [],
    insufficient_data_actions: [],
    time_constraints: [],
    event_rule: {
      event_type: 'maintenance.scheduled',
      query: [{ field: 'traits.project_id', op: 'eq', type: '', value: 'p' }],
    },
    state: 'insufficient data',
    state_reason: 'Not evaluated yet',
    project_id: 'p',
    user_id: '',
  });
  t.regex(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
  t.deepEqual((await call('GET', `/v2/alarms/${id}`)).body, created.body);
  t.deepEqual((await call('GET', '/v2/alarms')).body, [created.body]);
  t.is((await call('GET', `/v2/alarms/${id}/state`)).body, 'insufficient data');
  const changed = await call('PUT', `/v2/alarms/${id}`, { ...created.body, severity: 'critical' });
  t.like(changed.body, { alarm_id: id, severity: 'critical' });
  const state = await call('PUT', `/v2/alarms/${id}/state`, 'ok');
  t.is(state.status, 200);
  t.is(state.body, 'ok');
  t.like((await call('GET', `/v2/alarms/${id}`)).body, { state: 'ok', state_reason: 'Manually set via API' });
  const history = (await call('GET', `/v2/alarms/${id}/history`)).body;
  t.deepEqual(history.map(({ type }: { type: string }) => type).toSorted(), [
    'creation',
    'rule change',
    'state transition',
  ]);
  t.is((await call('DELETE', `/v2/alarms/${id}`)).status, 204);
  t.is((await call('DELETE', `/v2/alarms/${id}`)).status, 404);
  t.is((await call('GET', `/v2/alarms/${id}/history`)).status, 404);
});

test('the list is filtered, sorted and limited', async (t) => {
  const { call } = await make(t);
  for (const name of ['a', 'b', 'c'])
    await call(
      'POST',
      '/v2/alarms',
      request1({ name, project_id: name === 'c' ? 'q' : 'p', enabled: name !== 'b' }),
    );
  const names = async (query: string) =>
    (await call('GET', `/v2/alarms?${query}`)).body.map(({ name }: { name: string }) => name);
  t.deepEqual(await names('q.field=name&q.op=eq&q.value=b'), ['b']);
  t.deepEqual(await names('q.field=project_id&q.value=p&q.field=enabled&q.value=True&q.op=eq&q.op=eq'), [
    'a',
  ]);
  t.deepEqual(await names('q.field=all_projects&q.op=eq&q.value=true&sort=name:desc'), ['c', 'b', 'a']);
  t.deepEqual(await names('q.field=name&q.op=ne&q.value=a&sort=name:asc&limit=1'), ['b']);
  const [a] = (await call('GET', '/v2/alarms?sort=name:asc')).body;
  t.deepEqual(await names(`sort=name:asc&marker=${a.alarm_id}`), ['b', 'c']);
});

const refused: [
  title: string,
  method: string,
  path: string,
  body: unknown,
  status: number,
  field: string | undefined,
][] = [
  ['no name', 'POST', '/v2/alarms', request1({ name: undefined }), 400, 'name'],
  ['another type', 'POST', '/v2/alarms', request1({ type: 'threshold' }), 400, 'type'],
  ['an unknown severity', 'POST', '/v2/alarms', request1({ severity: 'high' }), 400, 'severity'],
  ['no rule', 'POST', '/v2/alarms', request1({ event_rule: undefined }), 400, 'event_rule'],
  [
    'an unknown operator',
    'POST',
    '/v2/alarms',
    request1({ event_rule: { query: [{ field: 'a', op: 'like', value: 'x' }] } }),
    400,
    'event_rule.query.0.op',
  ],
  [
    'a value of another type',
    'POST',
    '/v2/alarms',
    request1({ event_rule: { query: [{ field: 'a', type: 'integer', value: 'x' }] } }),
    400,
    'event_rule.query.0.value',
  ],
  [
    'an action that is no URL',
    'POST',
    '/v2/alarms',
    request1({ alarm_actions: ['http://127.0.0.1:9/x', 'nowhere'] }),
    400,
    'alarm_actions.1',
  ],
  [
    'an action of another scheme',
    'POST',
    '/v2/alarms',
    request1({ alarm_actions: ['file:///etc/passwd'] }),
    400,
    'alarm_actions.0',
  ],
  ['a state that is none', 'PUT', '/v2/alarms/x/state', 'broken', 400, undefined],
  ['a filter on an unknown field', 'GET', '/v2/alarms?q.field=shoe&q.value=1', undefined, 400, 'q.field'],
  ['a limit that is none', 'GET', '/v2/alarms?limit=-1', undefined, 400, 'limit'],
  ['an unknown marker', 'GET', '/v2/alarms?marker=x', undefined, 404, 'marker'],
  ['an unknown status', 'GET', '/v1/notifications?status=lost', undefined, 400, 'query.status'],
  ['an unknown alarm', 'GET', '/v2/alarms/x', undefined, 404, undefined],
  ['a wrong method', 'PATCH', '/v2/alarms', {}, 405, undefined],
];
for (const [title, method, path, body, status, field] of refused)
  test(`refused with ${status}: ${title}`, async (t) => {
    const { call } = await make(t);
    const answer = await call(method, path, body);
    t.is(answer.status, status, JSON.stringify(answer.body));
    t.is(answer.body.error.field, field);
    t.is(answer.body.error_message.faultstring, answer.body.error.message);
    t.deepEqual((await call('GET', '/v2/alarms')).body, []);
  });

test('with auth token the API is closed without it', async (t) => {
  const { call } = await make(t, { config: { auth: 'token', token: 'right' } });
  t.is((await call('GET', '/v2/alarms')).status, 401);
  t.is((await call('POST', '/v2/alarms', request1(), 'wrong')).status, 401);
  t.is((await call('POST', '/v2/alarms', request1(), 'right')).status, 201);
  t.is((await call('GET', '/health')).status, 200);
});

test('with auth keystone the project of the token owns the alarm', async (t) => {
  const tokens: Record<string, { projectId: string; roles: string[] }> = {
    alice: { projectId: 'p', roles: ['member'] },
    bob: { projectId: 'q', roles: ['member'] },
    root: { projectId: 'admin', roles: ['admin'] },
  };
  const cloudSession = {
    validate: async (token: string) =>
      tokens[token] && { ...tokens[token], userId: `user-${token}`, expiresAt: '2099-01-01T00:00:00Z' },
    identity: async () => ({ projectId: 'service', userId: 'doctor', roles: [], expiresAt: '' }),
  } as unknown as CloudSession;
  const { call } = await make(t, { cloudSession, config: { auth: 'keystone' } });
  t.is((await call('GET', '/v2/alarms')).status, 401);
  t.is((await call('GET', '/v2/alarms', undefined, 'nobody')).status, 401);
  const made = await call('POST', '/v2/alarms', request1({ project_id: undefined }), 'alice');
  t.like(made.body, { project_id: 'p', user_id: 'user-alice' });
  t.is((await call('POST', '/v2/alarms', request1({ project_id: 'p' }), 'bob')).status, 403);
  const path = `/v2/alarms/${made.body.alarm_id}`;
  t.is((await call('GET', path, undefined, 'bob')).status, 404);
  t.is((await call('DELETE', path, undefined, 'bob')).status, 404);
  t.is((await call('PUT', `${path}/state`, 'alarm', 'bob')).status, 404);
  t.deepEqual((await call('GET', '/v2/alarms', undefined, 'bob')).body, []);
  t.is((await call('GET', '/v2/alarms', undefined, 'root')).body.length, 1);
  t.is((await call('POST', '/v2/alarms', request1({ project_id: 'q' }), 'root')).body.project_id, 'q');
  t.is((await call('DELETE', path, undefined, 'alice')).status, 204);
});

test('without auth and without a project an alarm sees the events of all projects', async (t) => {
  const sink = await createWebhookSink();
  t.teardown(() => sink.close());
  const { call, bus } = await make(t);
  await call(
    'POST',
    '/v2/alarms',
    request1({
      project_id: undefined,
      event_rule: { event_type: 'compute.*' },
      alarm_actions: [sink.url.href],
    }),
  );
  await bus.publish(instanceUpdate('i', 'any', 'error'));
  await sink.wait(1);
  t.is(sink.received.length, 1);
});

test('auth that cannot be is told at the start', async (t) => {
  await t.throwsAsync(make(t, { config: { auth: 'token' } }), {
    code: 'CONFIG_INVALID',
    message: /notifier\.token/,
  });
  await t.throwsAsync(make(t, { config: { auth: 'keystone' } }), {
    code: 'CONFIG_INVALID',
    message: /cloud/,
  });
  await t.throwsAsync(make(t, { config: { host: '0.0.0.0' } }), {
    code: 'CONFIG_INVALID',
    message: /0\.0\.0\.0/,
  });
});
