import fc from 'fast-check';
import test from 'ava';
import { Pool } from 'undici';
import { startNotifier } from '../test-notifier.test.helper.js';

const url = fc.constantFrom('http://127.0.0.1:9/x', 'nowhere', '', 'file:///x');
const almostAnAlarm = fc.record(
  {
    name: fc.oneof(fc.string(), fc.jsonValue()),
    type: fc.oneof(fc.constant('event'), fc.jsonValue()),
    enabled: fc.oneof(fc.boolean(), fc.jsonValue()),
    severity: fc.oneof(fc.constantFrom('low', 'moderate', 'critical'), fc.jsonValue()),
    state: fc.oneof(fc.constantFrom('ok', 'alarm', 'insufficient data'), fc.jsonValue()),
    repeat_actions: fc.oneof(fc.boolean(), fc.jsonValue()),
    alarm_actions: fc.oneof(fc.array(url), fc.jsonValue()),
    project_id: fc.oneof(fc.string(), fc.jsonValue()),
    event_rule: fc.oneof(
      fc.record(
        {
          event_type: fc.oneof(
            fc.string(),
            fc.constantFrom('*', '[', '[!', '[z-a]', '**?[a-z'),
            fc.jsonValue(),
          ),
          query: fc.oneof(
            fc.array(
              fc.record(
                {
                  field: fc.oneof(
                    fc.string(),
                    fc.constantFrom('traits.state', 'traits.', 'event_type', '__proto__'),
                  ),
                  op: fc.constantFrom('eq', 'ne', 'lt', 'like'),
                  type: fc.constantFrom('', 'string', 'integer', 'float', 'boolean', 'datetime', 'x'),
                  value: fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.jsonValue()),
                },
                { requiredKeys: [] },
              ),
            ),
            fc.jsonValue(),
          ),
        },
        { requiredKeys: [] },
      ),
      fc.jsonValue(),
    ),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  { weight: 4, arbitrary: almostAnAlarm.map((value) => JSON.stringify(value)) },
  { weight: 2, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);
const endpoint = fc.constantFrom(
  ['POST', '/v2/alarms'],
  ['PUT', '/v2/alarms/x'],
  ['PUT', '/v2/alarms/x/state'],
  ['POST', '/v1/notifications/x/replay'],
  ['DELETE', '/v2/alarms/x'],
);

test('whatever is sent to it, the API answers with JSON, a status of 2xx or 4xx, and lives on', async (t) => {
  const { notifier, bus } = await startNotifier(t);
  const origin = notifier.endpoint?.origin ?? '';
  const pool = new Pool(origin, { connections: 4 });
  t.teardown(() => pool.destroy());
  await fc.assert(
    fc.asyncProperty(
      endpoint,
      body,
      fc.webQueryParameters(),
      async ([method = '', path = ''], text, query) => {
        const answer = await pool.request({
          method: method as 'POST',
          path: `${path}?${query}`,
          headers: { 'content-type': 'application/json' },
          body: text,
        });
        const sent = await answer.body.text();
        const { statusCode: status } = answer;
        if (!(status >= 200 && status < 300) && !(status >= 400 && status < 500))
          throw new Error(`${status}: ${sent}`);
        if (status === 204) return;
        const parsed = JSON.parse(sent) as { error?: { code?: string; requestId?: string } };
        if (status >= 400 && !(parsed.error?.code && parsed.error.requestId)) throw new Error(sent);
        if (/\bat .*\.[jt]s:\d+/.test(sent)) throw new Error(`a stack trace: ${sent}`);
      },
    ),
    { numRuns: 400, seed: 2, endOnFailure: true },
  );
  // the alarms that got in must not break the evaluation either
  await bus.publish({
    messageId: 'm',
    publisherId: 'compute.x',
    eventType: 'compute.instance.update',
    priority: 'INFO',
    timestamp: 'no time',
    payload: { tenant_id: '', instance_id: 'i', state: 'error' },
  });
  t.is((await pool.request({ method: 'GET', path: '/health' })).statusCode, 200);
});
