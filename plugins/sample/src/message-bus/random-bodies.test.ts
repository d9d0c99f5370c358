import { messageBusConfig } from './config.js';
import { createTestContext } from '@nfv-doctor/core/testing';
import test from 'ava';
import fc from 'fast-check';
import { Pool } from 'undici';
import { SampleMessageBus } from './sample-message-bus.js';

const almost = fc.record(
  {
    messageId: fc.oneof(fc.string(), fc.jsonValue()),
    publisherId: fc.string(),
    eventType: fc.oneof(fc.constantFrom('a.b', ''), fc.jsonValue()),
    priority: fc.string(),
    payload: fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue()),
    timestamp: fc.oneof(fc.string(), fc.jsonValue()),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  almost.map((value) => JSON.stringify(value)),
  fc.array(almost, { maxLength: 3 }).map((value) => JSON.stringify(value)),
  fc.json(),
  fc.string({ unit: 'binary' }),
);

test('whatever is sent to the bus, it answers with JSON, 202 or 4xx, and lives on', async (t) => {
  const context = await createTestContext();
  const defaults = Object.fromEntries(
    Object.entries(messageBusConfig).map(([key, option]) => [key, option.default]),
  );
  const bus = new SampleMessageBus({ ...defaults, listen: 0 } as never, context);
  await bus.start(AbortSignal.timeout(10_000));
  const pool = new Pool(bus.endpoint?.origin ?? '');
  t.teardown(async () => {
    await pool.destroy();
    await bus.stop();
    await context.close();
  });
  let heard = 0;
  await bus.subscribe(['*'], () => void heard++);
  await fc.assert(
    fc.asyncProperty(body, async (text) => {
      const answer = await pool.request({
        method: 'POST',
        path: '/notifications',
        headers: { 'content-type': 'application/json' },
        body: text,
      });
      const sent = await answer.body.text();
      const parsed = JSON.parse(sent) as { error?: { code?: string }; accepted?: number };
      if (
        answer.statusCode === 202
          ? parsed.accepted === undefined
          : answer.statusCode >= 500 || !parsed.error?.code
      )
        throw new Error(`${answer.statusCode}: ${sent}`);
    }),
    { numRuns: 200, seed: 3, endOnFailure: true },
  );
  const before = heard;
  await bus.publish({
    messageId: 'm',
    publisherId: 'p',
    eventType: 'a',
    priority: 'INFO',
    payload: {},
    timestamp: '',
  });
  t.is(heard, before + 1);
});
