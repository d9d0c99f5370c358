import { DoctorError } from '@nfv-doctor/core/plugin-api';
import { createVirtualClock, systemClock } from '@nfv-doctor/core/testing';
import test, { type ExecutionContext } from 'ava';
import { closedPort, startFakeCloud } from '../testing/fake-cloud.test.util.js';
import { createSession, PASSWORD } from '../testing/session.test.util.js';

const signal = new AbortController().signal;
const SERVER = 'GET /compute/v2.1/servers/1';
const ACTION = 'POST /compute/v2.1/servers/1/action';
const ok = { json: { server: { id: '1' } } };
const get = { method: 'GET', path: '/servers/1' } as const;
const post = { method: 'POST', path: '/servers/1/action', json: { migrate: null } } as const;

async function setUp(t: ExecutionContext, changes: Record<string, unknown> = {}) {
  const cloud = await startFakeCloud();
  const made = createSession(systemClock, cloud.url, changes);
  t.teardown(async () => {
    await made.session.stop();
    await cloud.close();
  });
  return { cloud, ...made };
}

async function failure(t: ExecutionContext, work: Promise<unknown>): Promise<DoctorError> {
  const error = await t.throwsAsync(work);
  t.true(DoctorError.is(error), String(error));
  return error as unknown as DoctorError;
}

test('sends token, microversion and query to the endpoint of the catalog', async (t) => {
  const { cloud, session } = await setUp(t);
  cloud.on(SERVER, { ...ok, headers: { 'x-openstack-request-id': 'req-1' } });
  const answer = await session.request('compute', {
    ...get,
    microversion: '2.53',
    query: { all_tenants: 1, x: undefined },
  });
  t.deepEqual(answer.body, { server: { id: '1' } });
  t.is(answer.requestId, 'req-1');
  const seen = cloud.requests.at(-1);
  t.is(seen?.path, '/compute/v2.1/servers/1?all_tenants=1');
  t.is(seen?.headers['x-auth-token'], 'token-1');
  t.is(seen?.headers['openstack-api-version'], 'compute 2.53');
  t.is(seen?.headers['x-openstack-nova-api-version'], '2.53');
  t.is(await session.token(), 'token-1');
  t.is((await session.identity()).projectId, 'project-1');
});

test('asks for one token, however many need it, and looks the catalog up once', async (t) => {
  const { cloud, session } = await setUp(t);
  cloud.on(SERVER, ok);
  await Promise.all(Array.from({ length: 20 }, () => session.request('compute', get)));
  t.is(cloud.count('POST /v3/auth/tokens'), 1);
  t.is(cloud.count(SERVER), 20);
});

test('renews the token before it expires', async (t) => {
  const clock = createVirtualClock(Date.now());
  const cloud = await startFakeCloud({ tokenLifeMs: 1_000_000 });
  const { session } = createSession(clock, cloud.url);
  t.teardown(async () => {
    await session.stop();
    await cloud.close();
  });
  t.is(await session.token(), 'token-1');
  // a tenth of its life before the end, because that is less than the configured five minutes
  await clock.advance(890_000);
  t.is(await session.token(), 'token-1');
  await clock.advance(15_000);
  t.is(await session.token(), 'token-2');
});

test('a 401 gets a new token once, also for a request that must not be repeated', async (t) => {
  const { cloud, session } = await setUp(t);
  cloud.on(ACTION, ({ headers }) =>
    headers['x-auth-token'] === 'token-1'
      ? { status: 401, json: { error: { message: 'expired' } } }
      : { status: 202 },
  );
  t.is((await session.request('compute', post)).status, 202);
  t.is(cloud.count(ACTION), 2);
  t.is(cloud.count('POST /v3/auth/tokens'), 2);
  cloud.on(SERVER, { status: 401, json: { error: { message: 'never' } } });
  t.is((await failure(t, session.request('compute', get))).code, 'CLOUD_AUTH');
  t.is(cloud.count(SERVER), 2);
});

test('503 is tried again after the pause that the service asks for', async (t) => {
  const { cloud, session } = await setUp(t);
  cloud.on(SERVER, ({ nth }) => (nth === 0 ? { status: 503, headers: { 'retry-after': '1' } } : ok));
  const before = performance.now();
  await session.request('compute', get);
  t.true(performance.now() - before >= 990, 'came back before the second was over');
  t.is(cloud.count(SERVER), 2);
});

test('a pause longer than allowed fails at once', async (t) => {
  const { cloud, session } = await setUp(t);
  cloud.on(SERVER, { status: 503, headers: { 'retry-after': '3600' }, text: 'down for maintenance' });
  const error = await failure(t, session.request('compute', get));
  t.is(error.code, 'CLOUD_ERROR');
  t.true(error.retryable);
  t.is(cloud.count(SERVER), 1);
});

for (const status of [429, 502, 503, 504])
  test(`${status}: a POST is sent once, an idempotent one until it works`, async (t) => {
    const { cloud, session } = await setUp(t);
    cloud.on(ACTION, ({ nth }) => (nth < 2 ? { status } : { status: 202 }));
    await failure(t, session.request('compute', post));
    t.is(cloud.count(ACTION), 1);
    await session.request('compute', { ...post, idempotent: true });
    t.is(cloud.count(ACTION), 3);
  });

test('gives up after the configured number of retries', async (t) => {
  const { cloud, session } = await setUp(t, { retries: 2 });
  cloud.on(SERVER, {
    status: 502,
    text: '<html><head><title>502</title></head><body><h1>Bad   Gateway</h1></body></html>',
  });
  const error = await failure(t, session.request('compute', get));
  t.is(cloud.count(SERVER), 3);
  t.regex(error.message, /^compute: GET http:.*\/servers\/1 answered 502: Bad Gateway$/);
});

const drop = (_: unknown, response: { destroy(): void }) => {
  response.destroy();
  return undefined;
};

test('a dropped connection: GET is repeated, POST is not', async (t) => {
  const { cloud, session } = await setUp(t);
  cloud.on(SERVER, (request, response) => (request.nth === 0 ? drop(request, response) : ok));
  await session.request('compute', get);
  t.is(cloud.count(SERVER), 2);
  cloud.on(ACTION, drop);
  const error = await failure(t, session.request('compute', post));
  t.is(error.code, 'CLOUD_UNREACHABLE');
  t.is(cloud.count(ACTION), 1);
});

test('a refused connection was not seen by the service: a POST is tried again too', async (t) => {
  const port = await closedPort();
  const { cloud, session, logged } = await setUp(t);
  const other = createSession(
    systemClock,
    cloud.url,
    {},
    { endpointOverrides: { compute: `http://127.0.0.1:${port}/v2.1` } },
  );
  t.teardown(() => other.session.stop());
  const error = await failure(t, other.session.request('compute', post));
  t.is(error.code, 'CLOUD_UNREACHABLE');
  t.regex(error.message, /ECONNREFUSED/);
  t.is(other.logged().split('cloud.retry').length - 1, 4);
  t.is(logged(), '');
  t.is(session.health().status, 'down');
});

test('a service that hangs times out; a caller who gives up is told so at once', async (t) => {
  const { cloud, session } = await setUp(t, { retries: 0 });
  cloud.on(SERVER, () => undefined);
  t.is((await failure(t, session.request('compute', { ...get, timeoutMs: 50 }))).code, 'CLOUD_TIMEOUT');
  const controller = new AbortController();
  const waiting = session.request('compute', { ...get, signal: controller.signal });
  controller.abort(new DoctorError('ABORTED', 'enough'));
  t.is((await failure(t, waiting)).code, 'ABORTED');
});

test('an answer that never ends times out', async (t) => {
  const { cloud, session } = await setUp(t, { retries: 0 });
  cloud.on(SERVER, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(timer));
    return undefined;
  });
  t.is((await failure(t, session.request('compute', { ...get, timeoutMs: 150 }))).code, 'CLOUD_TIMEOUT');
});

test('broken JSON and web pages are told apart from answers', async (t) => {
  const { cloud, session } = await setUp(t);
  cloud.on(SERVER, { text: '{"server": {', headers: { 'content-type': 'application/json' } });
  t.regex((await failure(t, session.request('compute', get))).message, /broken JSON/);
  cloud.on(SERVER, { text: '<html>log in</html>', headers: { 'content-type': 'text/html' } });
  t.regex((await failure(t, session.request('compute', get))).message, /a web page/);
  cloud.on(SERVER, { status: 202 });
  t.is((await session.request('compute', get)).body, null);
});

test('errors say service, method, URL, status, request id and what the service said', async (t) => {
  const { cloud, session } = await setUp(t);
  cloud.on(ACTION, {
    status: 409,
    json: { conflictingRequest: { code: 409, message: "Cannot 'migrate' while vm_state building" } },
    headers: { 'x-openstack-request-id': 'req-42' },
  });
  const error = await failure(t, session.request('compute', post));
  t.is(error.code, 'CLOUD_CONFLICT');
  t.is(
    error.message,
    `compute: POST ${cloud.url}/compute/v2.1/servers/1/action answered 409: Cannot 'migrate' while vm_state building (req-42)`,
  );
  t.like(error.details, { service: 'compute', method: 'POST', status: 409, requestId: 'req-42' });
});

test('neither password nor token reaches an error or the log, even when a service repeats them', async (t) => {
  const { cloud, session, logged } = await setUp(t);
  cloud.on(SERVER, ({ headers }) => ({
    status: 503,
    text: `token ${String(headers['x-auth-token'])} of ${PASSWORD}`,
  }));
  const error = await failure(t, session.request('compute', get));
  for (const text of [error.message, JSON.stringify(error.details), logged()]) {
    t.false(text.includes(PASSWORD));
    t.false(text.includes('token-1'));
  }
  t.regex(error.message, /token \*\*\* of \*\*\*/);
  cloud.on('POST /v3/auth/tokens', ({ body }) => ({ status: 401, text: body }));
  const refused = await failure(t, session.as({ password: 'another-secret', username: 'x' }).token());
  t.is(refused.code, 'CLOUD_AUTH');
  t.false(refused.message.includes('another-secret'));
  t.false(JSON.stringify(refused.details).includes('another-secret'));
});

test('wrong password, missing service and unreachable Keystone each fail the start with a line of their own', async (t) => {
  const { cloud, session } = await setUp(t);
  cloud.on('POST /v3/auth/tokens', {
    status: 401,
    json: {
      error: {
        code: 401,
        message: 'The request you have made requires authentication.',
        title: 'Unauthorized',
      },
    },
  });
  const refused = await failure(t, session.start(signal));
  t.is(refused.code, 'CLOUD_AUTH');
  t.regex(refused.message, /refused user doctor in project service: The request you have made requires/);
  const down = createSession(systemClock, `http://127.0.0.1:${await closedPort()}`, { retries: 1 });
  t.teardown(() => down.session.stop());
  const unreachable = await failure(t, down.session.start(signal));
  t.is(unreachable.code, 'CLOUD_UNREACHABLE');
  t.regex(unreachable.message, /^identity: POST http:.*\/v3\/auth\/tokens: no connection \(ECONNREFUSED\)$/);
});

test('a service that the catalog lacks: the error names what there is', async (t) => {
  const { session } = await setUp(t);
  const error = await failure(t, session.endpoint('rca'));
  t.is(error.code, 'CLOUD_ENDPOINT_MISSING');
  t.regex(error.message, /compute, network, image, alarming, placement/);
});

test('negotiates microversions from the version document, looked up once', async (t) => {
  const { cloud, session } = await setUp(t);
  cloud.on('GET /compute/v2.1/', { json: { version: { id: 'v2.1', min_version: '2.1', version: '2.60' } } });
  t.is(await session.negotiate('compute', '2.11', '2.87'), '2.60');
  t.is(await session.negotiate('compute', '2.11', '2.53'), '2.53');
  const error = await failure(t, session.negotiate('compute', '2.74', '2.87'));
  t.is(error.code, 'CLOUD_MICROVERSION');
  t.regex(error.message, /offers microversions 2\.1 to 2\.60; Doctor needs 2\.74 to 2\.87/);
  t.is(cloud.count('GET /compute/v2.1/'), 1);
  cloud.on('GET /placement/', {
    status: 300,
    json: { versions: [{ id: 'v1.0', min_version: '1.0', max_version: '1.39', status: 'CURRENT' }] },
  });
  t.is(await session.negotiate('placement', '1.0', '1.40'), '1.39');
});

test('as(): another user, the same connections, the same session for the same user', async (t) => {
  const { cloud, session } = await setUp(t);
  const other = session.as({ username: 'owner', password: 'owner-secret', projectId: 'p2' });
  t.is(session.as({ projectId: 'p2', password: 'owner-secret', username: 'owner' }), other);
  await other.token();
  const body = JSON.parse(cloud.requests.at(-1)?.body ?? '');
  t.like(body.auth, {
    identity: { password: { user: { name: 'owner' } } },
    scope: { project: { id: 'p2' } },
  });
  await other.stop(signal);
  cloud.on(SERVER, ok);
  await t.notThrowsAsync(session.request('compute', get));
});

test('validate(): believes Keystone for a while, and nobody else', async (t) => {
  const { cloud, session } = await setUp(t);
  cloud.on('GET /v3/auth/tokens', ({ headers }) =>
    headers['x-subject-token'] === 'good'
      ? {
          json: {
            token: {
              expires_at: '2999-01-01T00:00:00.000000Z',
              user: { id: 'u' },
              project: { id: 'p' },
              roles: [{ name: 'member' }],
            },
          },
        }
      : { status: 404, json: { error: { message: 'not found' } } },
  );
  t.like(await session.validate('good'), { userId: 'u', projectId: 'p', roles: ['member'] });
  await session.validate('good');
  t.is(await session.validate('bad'), undefined);
  t.is(cloud.count('GET /v3/auth/tokens'), 2);
});
