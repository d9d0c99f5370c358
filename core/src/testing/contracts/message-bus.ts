import { randomUUID } from 'node:crypto';
import type { ExecutionContext, TestFn } from 'ava';
import { systemClock } from '../../clock/system-clock.js';
import type { Notification } from '../../domain/notification.js';
import { until } from '../../domain/until.js';
import type { MessageBus } from '../../roles/message-bus.js';

/** A bus that is started, and its end. */
export interface MessageBusUnderTest {
  bus: MessageBus;
  stop(): Promise<void>;
}

const notification = (eventType: string, payload: Record<string, unknown> = {}): Notification => ({
  messageId: randomUUID(),
  publisherId: 'doctor.contract',
  eventType,
  priority: 'INFO',
  payload,
  timestamp: '2030-01-01T00:00:00.000000Z',
});

const eventually = (what: string, look: () => boolean) =>
  until(look, { clock: systemClock, what, timeoutMs: 10_000, intervalMs: 5 });

/**
 * The suite that every MessageBus passes: `messageBusContract(test, () => startYours())`.
 * @param options.name before each test's title, when the suite runs twice in one file
 * @param options.prefix put before each event type, so that a bus shared with others is not disturbed
 */
export function messageBusContract(
  test: TestFn,
  create: (t: ExecutionContext) => Promise<MessageBusUnderTest>,
  { name = 'message bus contract', prefix = 'contract' }: { name?: string; prefix?: string } = {},
): void {
  const run = (title: string, body: (t: ExecutionContext, bus: MessageBus, type: string) => Promise<void>) =>
    test(`${name}: ${title}`, async (t) => {
      const { bus, stop } = await create(t);
      try {
        await body(t, bus, `${prefix}.${randomUUID().slice(0, 8)}`);
      } finally {
        await stop();
      }
    });

  run('a notification arrives as it was published', async (t, bus, type) => {
    const received: Notification[] = [];
    await bus.subscribe([type], (each) => void received.push(each));
    const sent = notification(type, { text: 'ü €', list: [1, 'two'], nested: { nothing: null } });
    await bus.publish(sent);
    await eventually('the notification', () => received.length === 1);
    t.deepEqual(received[0], sent);
  });

  run('order is kept', async (t, bus, type) => {
    const received: unknown[] = [];
    await bus.subscribe([type], ({ payload }) => void received.push(payload.n));
    for (let n = 0; n < 100; n++) await bus.publish(notification(type, { n }));
    await eventually('100 notifications', () => received.length >= 100);
    t.deepEqual(received, [...Array(100).keys()]);
  });

  run('patterns: exact, with a wildcard, several', async (t, bus, type) => {
    const seen: Record<string, string[]> = { exact: [], wild: [], several: [], everything: [] };
    const keep = (kind: string) => (each: Notification) =>
      void seen[kind]?.push(each.eventType.slice(type.length));
    await bus.subscribe([`${type}.a.update`], keep('exact'));
    await bus.subscribe([`${type}.a.*`], keep('wild'));
    await bus.subscribe([`${type}.b.end`, `${type}.*.update`], keep('several'));
    await bus.subscribe([`${type}*`], keep('everything'));
    const all = ['.a.update', '.a.create.end', '.b.end', '.aXupdate', '.z'];
    for (const each of all) await bus.publish(notification(type + each));
    await eventually('all of them', () => seen.everything?.length === all.length);
    t.deepEqual(seen, {
      exact: ['.a.update'],
      wild: ['.a.update', '.a.create.end'],
      several: ['.a.update', '.b.end'],
      everything: all,
    });
  });

  run('a handler that throws or rejects stops nobody else', async (t, bus, type) => {
    let count = 0;
    await bus.subscribe([type], () => {
      throw new Error('thrown on purpose');
    });
    await bus.subscribe([type], async () => {
      throw new Error('rejected on purpose');
    });
    await bus.subscribe([type], () => void count++);
    await bus.publish(notification(type));
    await bus.publish(notification(type));
    await eventually('both notifications', () => count === 2);
    t.pass();
  });

  run('nothing comes after the end of a subscription', async (t, bus, type) => {
    let ended = 0;
    let other = 0;
    const end = await bus.subscribe([type], () => void ended++);
    await bus.subscribe([type], () => void other++);
    await end();
    await end();
    await bus.publish(notification(type));
    await eventually('the other subscriber', () => other === 1);
    t.is(ended, 0);
  });

  run('publish gives up when aborted', async (t, bus, type) => {
    await t.throwsAsync(bus.publish(notification(type), AbortSignal.abort(new Error('aborted'))), {
      message: 'aborted',
    });
  });

  run('health is up, and stop may be called twice', async (t, bus) => {
    t.is((await bus.health()).status, 'up');
    await bus.stop(AbortSignal.timeout(10_000));
    await bus.stop(AbortSignal.timeout(10_000));
    t.is((await bus.health()).status, 'down');
  });
}
