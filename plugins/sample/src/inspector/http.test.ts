import test from 'ava';
import fc from 'fast-check';
import { event, startRig } from './rig.test.helper.js';

const send = (
  base: URL,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) =>
  fetch(new URL(path, base), {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });

test('PUT /events takes a list; POST /events one event, {event} or {events}', async (t) => {
  const { inspector, cloud } = await startRig(t);
  const base = inspector.endpoint!;
  const answer = await send(base, 'PUT', '/events', [event('host-1', 'down')]);
  t.is(answer.status, 200);
  t.deepEqual(await answer.json(), { accepted: 1, ignored: 0 });
  for (const body of [
    event('host-1', 'up'),
    { event: event('host-1', 'down') },
    { events: [event('host-1', 'up'), event('host-2', 'down')] },
  ])
    t.is((await send(base, 'POST', '/events', body)).status, 200);
  await inspector.settled();
  t.is(cloud.hosts.get('host-1')!.forcedDown, false);
  t.is(cloud.hosts.get('host-2')!.forcedDown, true);
});

test('the body of the original monitor is taken', async (t) => {
  const { inspector } = await startRig(t);
  const body = [
    {
      time: '2026-11-23T16:50:06.700000',
      type: 'compute.host.down',
      details: {
        hostname: 'host-1',
        status: 'down',
        monitor: 'monitor_sample',
        monitor_event_id: 'monitor_sample_event1',
      },
    },
  ];
  t.is((await send(inspector.endpoint!, 'PUT', '/events', body)).status, 200);
});

test('faults, one fault, and the map can be asked for', async (t) => {
  const { inspector } = await startRig(t);
  const base = inspector.endpoint!;
  await send(base, 'PUT', '/events', [event('host-1', 'down')]);
  await inspector.settled();
  const json = async (path: string) =>
    (await send(base, 'GET', path)).json() as Promise<Record<string, never>>;
  const { faults } = (await json('/faults?resource=host-1&minimumSeverity=critical')) as unknown as {
    faults: { faultId: string }[];
  };
  t.is(faults.length, 1);
  t.like(await json(`/faults/${faults[0]!.faultId}`), {
    resource: 'host-1',
    affectedInstances: ['a', 'b', 'c'],
  });
  t.deepEqual(await json('/faults?resource=host-2'), { faults: [] } as never);
  t.is(((await json('/faults?resource=a')) as unknown as { faults: unknown[] }).faults.length, 1);
  t.like(await json('/map/hosts/host-2'), {
    host: 'host-2',
    instances: [{ id: 'd', project_id: 'project-1', state: 'active' }],
  } as never);
});

test('host alarms: Aodh body as recorded, and the message itself', async (t) => {
  const { inspector } = await startRig(t);
  const base = inspector.endpoint!;
  const alarm = (state: string, generated: string) => ({
    alarm_name: 'host',
    alarm_id: 'eb26dd5a-1eaf-47df-a018-32e14bfeb792',
    severity: 'low',
    previous: 'insufficient data',
    current: 'alarm',
    reason: 'Event hits the query <query=[]>.',
    reason_data: {
      type: 'event',
      event: {
        message_id: 'f0e9707e-3511-4f65-84fa-ba72427b876b',
        event_type: 'maintenance.host',
        generated,
        traits: [
          ['service', 1, 'admin_tool'],
          ['project_id', 1, 'effef65fe4f44ddb9a9196a5abdf7280'],
          ['host', 1, 'host-1'],
          ['state', 1, state],
          ['session_id', 1, '6aa85706-e75a-11f1-b152-02fc00000001'],
        ],
        raw: {},
      },
    },
  });
  const post = async (body: unknown) => (await send(base, 'POST', '/maintenance', body)).json();
  // 4 of 8 pairs were seen in this order
  t.deepEqual(await post(alarm('MAINTENANCE_COMPLETE', '2026-11-23T16:26:58.515743')), { accepted: true });
  t.deepEqual(await post(alarm('IN_MAINTENANCE', '2026-11-23T16:26:58.513743')), { accepted: false });
  t.deepEqual(await inspector.report([event('host-1', 'down')]), { accepted: 1, ignored: 0 });
  t.deepEqual(await post({ session_id: 's', project_id: 'p', host: 'host-2', state: 'IN_MAINTENANCE' }), {
    accepted: true,
  });
  t.deepEqual(await inspector.report([event('host-2', 'down')]), { accepted: 0, ignored: 1 });
});

test('bad input gets a 4xx that names the field, and nothing is done', async (t) => {
  const { inspector, cloud } = await startRig(t);
  const base = inspector.endpoint!;
  const good = event('host-1', 'down');
  const cases: [method: string, path: string, body: unknown, status: number, field: RegExp][] = [
    ['PUT', '/events', '{"x"', 400, /^$/],
    ['PUT', '/events', 7, 400, /body/],
    ['PUT', '/events', { events: 7 }, 400, /events/],
    ['PUT', '/events', [good, { ...good, time: 'yesterday' }], 400, /^events\[1\]\.time$/],
    ['PUT', '/events', [{ ...good, time: '2026-02-31T00:00:00Z' }], 400, /^event\.time$/],
    ['PUT', '/events', [{ ...good, type: 'compute.host.gone' }], 400, /type$/],
    [
      'PUT',
      '/events',
      [{ ...good, details: { ...good.details, hostname: undefined } }],
      400,
      /details\.hostname$/,
    ],
    ['PUT', '/events', [{ ...good, details: { ...good.details, status: 'up' } }], 400, /details\.status$/],
    [
      'PUT',
      '/events',
      [{ ...good, details: { ...good.details, severity: 'huge' } }],
      400,
      /details\.severity$/,
    ],
    [
      'PUT',
      '/events',
      [{ ...good, details: { ...good.details, hostname: 'host-11' } }],
      404,
      /details\.hostname$/,
    ],
    ['POST', '/maintenance', {}, 400, /state/],
    ['POST', '/maintenance', { host: 'host-1', state: 'AWAY', session_id: 's' }, 400, /state/],
    ['POST', '/maintenance', { host: 'nowhere', state: 'IN_MAINTENANCE', session_id: 's' }, 404, /host/],
    ['POST', '/maintenance', { alarm_id: 'x' }, 400, /./],
    ['GET', '/faults?minimumSeverity=huge', undefined, 400, /minimumSeverity/],
    ['GET', '/faults?from=yesterday', undefined, 400, /from/],
    ['GET', '/faults?colour=red', undefined, 400, /colour/],
    ['GET', '/faults/none', undefined, 404, /id/],
    ['GET', '/map/hosts/nowhere', undefined, 404, /host/],
    ['GET', '/nothing', undefined, 404, /^$/],
    ['DELETE', '/events', undefined, 405, /^$/],
  ];
  for (const [method, path, body, status, field] of cases) {
    const answer = await send(base, method, path, body);
    const text = await answer.text();
    t.is(answer.status, status, `${method} ${path} ${JSON.stringify(body)}: ${text}`);
    const { error } = JSON.parse(text) as { error: { field?: string; message: string } };
    t.regex(error.field ?? '', field, text);
    t.notRegex(text, /\bat \w+ \(|node_modules/);
  }
  t.is((await send(base, 'PUT', '/events', 'x', { 'content-type': 'text/plain' })).status, 415);
  await inspector.settled();
  t.deepEqual(cloud.called('forceDown'), []);
});

test('a token is asked for when one is set', async (t) => {
  const { inspector } = await startRig(t, { config: { token: 'only-we-know' } });
  const base = inspector.endpoint!;
  t.is((await send(base, 'PUT', '/events', [event('host-1', 'down')])).status, 401);
  t.is(
    (await send(base, 'PUT', '/events', [event('host-1', 'down')], { authorization: 'Bearer only-we-know' }))
      .status,
    200,
  );
});

test('random bodies never get a 5xx and never change anything', async (t) => {
  const { inspector, cloud } = await startRig(t);
  const base = inspector.endpoint!;
  const details = fc.record(
    {
      hostname: fc.oneof(fc.constant('host-1'), fc.anything()),
      status: fc.oneof(fc.constant('down'), fc.anything()),
      monitor: fc.oneof(fc.constant('m'), fc.anything()),
      // never valid, so that nothing may happen
      monitor_event_id: fc.oneof(fc.constant(''), fc.integer(), fc.constant(null), fc.array(fc.string())),
    },
    { requiredKeys: [] },
  );
  const almost = fc.record(
    {
      time: fc.oneof(fc.constant('2026-11-23T16:50:06Z'), fc.anything()),
      type: fc.oneof(fc.constant('compute.host.down'), fc.anything()),
      details: fc.oneof(details, fc.anything()),
    },
    { requiredKeys: [] },
  );
  const body = fc.oneof(
    almost,
    fc.array(almost, { minLength: 1 }),
    fc.record({ event: almost }),
    fc.record({ events: fc.array(almost, { minLength: 1 }) }),
    fc.json(),
    fc.string(),
  );
  const endpoints = ['PUT /events', 'POST /events', 'POST /maintenance', 'POST /faults/x/confirm'];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...endpoints), body, async (endpoint, value) => {
      const [method, path] = endpoint.split(' ') as [string, string];
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      // an empty list is a valid report of nothing
      if (/^\s*(\[\s*\]|\{\s*"events"\s*:\s*\[\s*\]\s*\})\s*$/.test(text)) return;
      const answer = await send(base, method, path, text);
      if (answer.status < 400 || answer.status >= 500) throw new Error(`${answer.status} for ${text}`);
      const { error } = (await answer.json()) as { error: { message: string } };
      if (!error.message) throw new Error('no message');
    }),
    { numRuns: 300 },
  );
  t.deepEqual(cloud.called('forceDown'), []);
  t.deepEqual(await inspector.faults({ includeCleared: true }), []);
});
