import { connect } from 'node:net';
import { Type } from '@sinclair/typebox';
import test, { type ExecutionContext } from 'ava';
import { Agent, request } from 'undici';
import { systemClock } from '../clock/system-clock.js';
import { DoctorError } from '../errors/index.js';
import { silentLogger } from '../log/index.js';
import { createHttpKit } from './kit.js';
import type { HttpErrorBody, HttpServerOptions } from './types.js';

const Item = Type.Object(
  {
    name: Type.String({ minLength: 1 }),
    size: Type.Optional(Type.Integer()),
    level: Type.Optional(Type.Union([Type.Literal('low'), Type.Literal('high')])),
    details: Type.Optional(Type.Object({ hostname: Type.String() })),
  },
  { $id: 'Item' },
);

async function serve(t: ExecutionContext, options: Partial<HttpServerOptions> = {}) {
  const kit = createHttpKit({ clock: systemClock, log: silentLogger });
  const server = kit.server({ name: 'test', port: 0, bodyLimit: 1000, ...options });
  const { app } = server;
  app.put('/items/:id', { schema: { body: Item } }, async (call) => call.body);
  app.post('/items', { schema: { body: Type.Array(Item) } }, async (call) => call.body);
  app.get(
    '/items',
    { schema: { querystring: Type.Object({ limit: Type.Optional(Type.Integer()) }) } },
    async (call) => call.query,
  );
  app.get('/crash', async () => {
    throw new TypeError('secret internals of /etc/x');
  });
  app.get('/conflict', async () => {
    throw new DoctorError('CONFLICT', 'is busy', { details: { state: 'BUSY' } });
  });
  app.post('/hook', { config: { public: true } }, async (call) => ({ raw: call.rawBody }));
  const url = await server.listen();
  t.teardown(() => server.close());
  const send = async (method: string, path: string, body?: string, headers: Record<string, string> = {}) => {
    const answer = await request(new URL(path, url), {
      method: method as 'GET',
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const text = await answer.body.text();
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text,
      json: () => JSON.parse(text) as HttpErrorBody,
    };
  };
  return { kit, server, url, send };
}

const refused = [
  ['malformed JSON', 'PUT', '/items/1', '{"name":', {}, 400, 'INPUT_INVALID', undefined],
  ['no body', 'PUT', '/items/1', '', {}, 400, 'INPUT_INVALID', undefined],
  [
    'prototype poisoning',
    'PUT',
    '/items/1',
    '{"__proto__":{"a":1},"name":"x"}',
    {},
    400,
    'INPUT_INVALID',
    undefined,
  ],
  [
    'wrong content type',
    'PUT',
    '/items/1',
    'name=x',
    { 'content-type': 'text/plain' },
    415,
    'MEDIA_TYPE',
    undefined,
  ],
  [
    'body over the limit',
    'PUT',
    '/items/1',
    JSON.stringify({ name: 'x'.repeat(2000) }),
    {},
    413,
    'BODY_TOO_LARGE',
    undefined,
  ],
  ['missing field', 'PUT', '/items/1', '{}', {}, 400, 'INPUT_INVALID', 'name'],
  [
    'mistyped field is not coerced',
    'PUT',
    '/items/1',
    '{"name":"x","size":"3"}',
    {},
    400,
    'INPUT_INVALID',
    'size',
  ],
  [
    'not one of the allowed',
    'PUT',
    '/items/1',
    '{"name":"x","level":"mid"}',
    {},
    400,
    'INPUT_INVALID',
    'level',
  ],
  [
    'missing field inside',
    'POST',
    '/items',
    '[{"name":"x","details":{}}]',
    {},
    400,
    'INPUT_INVALID',
    '0.details.hostname',
  ],
  ['mistyped query', 'GET', '/items?limit=ten', undefined, {}, 400, 'INPUT_INVALID', 'query.limit'],
  ['unknown path', 'GET', '/nothing', undefined, {}, 404, 'NOT_FOUND', undefined],
  ['path that is no path', 'GET', '/items/%zz', undefined, {}, 400, 'INPUT_INVALID', undefined],
  ['error of a handler', 'GET', '/conflict', undefined, {}, 409, 'CONFLICT', undefined],
] as const;

for (const [name, method, path, body, headers, status, code, field] of refused)
  test(`${name} is refused with ${status}`, async (t) => {
    const { send } = await serve(t);
    const answer = await send(method, path, body, headers);
    t.is(answer.status, status, answer.text);
    t.regex(String(answer.headers['content-type']), /^application\/json/);
    const { error } = answer.json();
    t.is(error.code, code);
    t.is(error.field, field);
    t.truthy(error.message && error.requestId);
    t.notRegex(answer.text, /\bat .*:\d+:\d+|node_modules/);
  });

test('what is valid passes, and query values are coerced', async (t) => {
  const { send } = await serve(t);
  t.deepEqual((await send('PUT', '/items/1', '{"name":"x","level":"low"}')).json() as unknown, {
    name: 'x',
    level: 'low',
  });
  t.deepEqual((await send('GET', '/items?limit=10')).json() as unknown, { limit: 10 });
});

test('a message for a union names what is allowed', async (t) => {
  const { send } = await serve(t);
  const { error } = (await send('PUT', '/items/1', '{"name":"x","level":"mid"}')).json();
  t.is(error.message, 'level must be one of: "low", "high"');
});

test('a wrong method is 405 with Allow', async (t) => {
  const { send } = await serve(t);
  const answer = await send('DELETE', '/items/1');
  t.is(answer.status, 405);
  t.is(answer.headers.allow, 'PUT');
  t.is(answer.json().error.code, 'METHOD_NOT_ALLOWED');
});

test('an unexpected throw is a 500 without internals', async (t) => {
  const { send } = await serve(t);
  const answer = await send('GET', '/crash');
  t.is(answer.status, 500);
  t.is(answer.json().error.code, 'INTERNAL');
  t.notRegex(answer.text, /secret|TypeError/);
  t.regex(answer.json().error.requestId, /^req-/);
});

test('bytes that are no HTTP get a 400 and the server lives on', async (t) => {
  const { url, send } = await serve(t);
  const answer = await new Promise<string>((resolve, reject) => {
    let text = '';
    const socket = connect(Number(url.port), url.hostname, () =>
      socket.write('\u0000\u0001 nonsense\r\n\r\n'),
    );
    socket
      .on('data', (chunk) => (text += String(chunk)))
      .on('end', () => resolve(text))
      .on('error', reject);
  });
  t.regex(answer, /^HTTP\/1\.1 400 .*"INPUT_INVALID"/s);
  t.is((await send('GET', '/health')).status, 200);
});

test('with a token, changes need it and reading does not', async (t) => {
  const { send } = await serve(t, { token: 'right' });
  const body = '{"name":"x"}';
  t.is((await send('PUT', '/items/1', body)).status, 401);
  t.is((await send('PUT', '/items/1', body, { 'x-auth-token': 'wrong' })).json().error.code, 'UNAUTHORIZED');
  t.is((await send('PUT', '/items/1', body, { 'x-auth-token': 'right' })).status, 200);
  t.is((await send('PUT', '/items/1', body, { authorization: 'Bearer right' })).status, 200);
  t.is((await send('GET', '/items')).status, 200);
  t.is((await send('POST', '/hook', '{}')).status, 200);
});

test('protect: all asks for the token on reading too, but not for health', async (t) => {
  const { send } = await serve(t, { token: 'right', protect: 'all' });
  t.is((await send('GET', '/items')).status, 401);
  t.is((await send('GET', '/health')).status, 200);
});

test('beyond loopback a token is a must', async (t) => {
  const kit = createHttpKit({ clock: systemClock, log: silentLogger });
  const open = kit.server({ name: 'inspector', host: '0.0.0.0', port: 0 });
  await t.throwsAsync(open.listen(), {
    message: /inspector would listen on 0\.0\.0\.0 without/,
    code: 'CONFIG_INVALID',
  });
  await open.close();
  const closed = kit.server({ name: 'inspector', host: '0.0.0.0', port: 0, token: 'x' });
  await closed.listen();
  await closed.close();
});

test('a port in use is told in one line', async (t) => {
  const { kit, url } = await serve(t);
  const second = kit.server({ name: 'second', port: Number(url.port) });
  await t.throwsAsync(second.listen(), {
    code: 'PORT_IN_USE',
    message: /second cannot listen on 127\.0\.0\.1:\d+/,
  });
  await second.close();
});

test('close ends keep-alive connections and answers that never end', async (t) => {
  const { server, url } = await serve(t);
  const agent = new Agent({ keepAliveTimeout: 60_000 });
  t.teardown(() => agent.destroy());
  await (await request(new URL('/items', url), { dispatcher: agent })).body.dump();
  await server.close();
  await server.close();
  await t.throwsAsync(request(new URL('/items', url), { dispatcher: agent }), { code: 'ECONNREFUSED' });
});

test('close does not wait for a handler that hangs', async (t) => {
  const kit = createHttpKit({ clock: systemClock, log: silentLogger });
  const server = kit.server({ name: 'hang', port: 0 });
  let entered: (() => void) | undefined;
  const inside = new Promise<void>((resolve) => {
    entered = resolve;
  });
  server.app.get('/hang', () => {
    entered?.();
    return new Promise(() => {});
  });
  const url = await server.listen();
  const hanging = request(new URL('/hang', url));
  hanging.catch(() => {});
  await inside;
  await server.close();
  await t.throwsAsync(hanging);
});

test('health, metrics and the OpenAPI document are served', async (t) => {
  const { send } = await serve(t, { health: () => ({ status: 'down', detail: 'no database' }) });
  const health = await send('GET', '/health');
  t.is(health.status, 503);
  t.deepEqual(health.json() as unknown, { status: 'down', detail: 'no database' });
  t.regex(
    (await send('GET', '/metrics')).text,
    /doctor_http_request_seconds_count\{server="test",method="GET",route="\/health",status="5xx"\} 1/,
  );
  const document = (await send('GET', '/openapi.json')).json() as unknown as {
    paths: Record<string, unknown>;
  };
  t.deepEqual(Object.keys(document.paths).toSorted(), [
    '/conflict',
    '/crash',
    '/hook',
    '/items',
    '/items/{id}',
  ]);
});

test('rawBody keeps the bytes for signatures', async (t) => {
  const { send } = await serve(t, { rawBody: true });
  t.deepEqual((await send('POST', '/hook', '{"a" : 1}')).json() as unknown, { raw: '{"a" : 1}' });
});
