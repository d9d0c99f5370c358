import { type AddressInfo, createServer } from 'node:net';
import { until, verifySignature } from '@nfv-doctor/core/plugin-api';
import { createWebhookSink, errorAlarm, instanceUpdate } from '@nfv-doctor/core/testing';
import test, { type ExecutionContext } from 'ava';
import { request } from 'undici';
import { type StartOptions, startNotifier } from './test-notifier.test.helper.js';

const owner = { projectId: 'p', userId: 'u', credentials: { authUrl: '' } };

async function make(t: ExecutionContext, options: StartOptions = {}) {
  const sink = await createWebhookSink();
  t.teardown(() => sink.close());
  const running = await startNotifier(t, options);
  const { context, notifier, bus } = running;
  return {
    sink,
    ...running,
    alarm: (instanceId: string, url = new URL('/failure', sink.url).href) =>
      notifier.createAlarm(errorAlarm(instanceId, url, { repeat_actions: true }), owner),
    fail: (instanceId: string) => bus.publish(instanceUpdate(instanceId, 'p', 'error')),
    wait: (what: string, look: () => boolean | Promise<boolean>) =>
      until(look, { clock: context.clock, what, timeoutMs: 20_000, intervalMs: 5 }),
    count: (name: string) => context.recorded.filter((event) => event.name === name).length,
    notifications: async (query = '') => {
      const answer = await request(new URL(`/v1/notifications${query}`, notifier.endpoint));
      return (
        (await answer.body.json()) as { notifications: { id: string; status: string; attempts: number }[] }
      ).notifications;
    },
  };
}

test('a refused webhook is tried again with the same key until it is taken', async (t) => {
  const { sink, alarm, fail, wait, count, notifications } = await make(t);
  const answers = [500, 503, 429, 204];
  sink.answer = () => answers.shift() ?? 204;
  await alarm('i');
  await fail('i');
  await sink.wait(4);
  await wait('the delivery', () => count('alarm.delivered') === 1);
  t.is(new Set(sink.received.map(({ headers }) => headers['idempotency-key'])).size, 1);
  t.is(new Set(sink.received.map(({ rawBody }) => rawBody)).size, 1);
  await wait('the store', async () => (await notifications('?status=delivered')).length === 1);
  t.like((await notifications())[0], { status: 'delivered', attempts: 4 });
});

test('a consumer that is not there yet gets it when it is', async (t) => {
  const { alarm, fail, wait, count } = await make(t);
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  await alarm('i', `http://127.0.0.1:${port}/late`);
  await fail('i');
  const late = await createWebhookSink(port);
  t.teardown(() => late.close());
  await late.wait(1);
  await wait('the delivery', () => count('alarm.delivered') === 1);
  t.is(late.received[0]?.path, '/late');
});

test('a consumer that does not answer holds up no other, and is tried again', async (t) => {
  const { sink, alarm, fail, wait, count } = await make(t, {
    config: { delivery_timeout: 300, concurrency: 2 },
  });
  const slow = await createWebhookSink();
  let hang = true;
  slow.answer = () => (hang ? new Promise<number>(() => {}) : 204);
  for (let index = 0; index < 20; index++) await alarm(`slow-${index}`, new URL('/slow', slow.url).href);
  await alarm('quick');
  for (let index = 0; index < 20; index++) await fail(`slow-${index}`);
  await fail('quick');
  await sink.wait(1);
  t.is(count('alarm.delivered') <= 1, true);
  t.true(slow.received.length <= 2);
  hang = false;
  await wait('all deliveries', () => count('alarm.delivered') === 21);
  await slow.close();
});

test('a later state of an alarm never overtakes an earlier one', async (t) => {
  const { sink, notifier, bus, wait, count } = await make(t);
  const url = new URL('/failure', sink.url).href;
  await notifier.createAlarm(errorAlarm('i', url, { ok_actions: [url] }), owner);
  let refuse = 3;
  sink.answer = () => (refuse-- > 0 ? 503 : 204);
  await bus.publish(instanceUpdate('i', 'p', 'error'));
  await bus.publish(instanceUpdate('i', 'p', 'active'));
  await wait('both', () => count('alarm.delivered') === 2);
  t.deepEqual(
    sink.received.map(({ body }) => body.current),
    ['alarm', 'alarm', 'alarm', 'alarm', 'ok'],
  );
});

test('what is refused for good, or beyond the budget, is put aside, told and listed', async (t) => {
  const { sink, context, alarm, fail, wait, count, notifications } = await make(t, {
    config: { delivery_budget: 2000 },
  });
  sink.answer = ({ path }) => (path === '/gone' ? 410 : 500);
  await alarm('gone', new URL('/gone', sink.url).href);
  await alarm('broken', new URL('/broken?secret=x', sink.url).href);
  await fail('gone');
  await fail('broken');
  await wait('both to be given up', () => count('alarm.undelivered') === 2);
  t.is(sink.received.filter(({ path }) => path === '/gone').length, 1);
  t.true(sink.received.filter(({ path }) => path.startsWith('/broken')).length > 1);
  const told = context.recorded.flatMap(({ name, data }) =>
    name === 'alarm.undelivered' ? [data as { url: string; message: string }] : [],
  );
  t.deepEqual(
    told.map(({ url, message }) => `${new URL(url).pathname} ${message}`),
    ['/gone answered 410', '/broken answered 500'],
  );
  t.false(JSON.stringify(told).includes('secret'));
  await wait('the store', async () => (await notifications('?status=undelivered')).length === 2);
});

test('a notification is replayed under a key of its own', async (t) => {
  const { sink, notifier, alarm, fail, notifications, wait } = await make(t);
  await alarm('i');
  await fail('i');
  await sink.wait(1);
  await wait('the store', async () => (await notifications('?status=delivered')).length === 1);
  const [original] = await notifications();
  const answer = await request(new URL(`/v1/notifications/${original?.id}/replay`, notifier.endpoint), {
    method: 'POST',
  });
  t.is(answer.statusCode, 202);
  t.like((await answer.body.json()) as object, { status: 'pending', replay_of: String(original?.id) });
  await sink.wait(2);
  t.deepEqual(sink.received[1]?.body, sink.received[0]?.body);
  t.is(String(sink.received[1]?.headers['x-doctor-replay-of']), String(original?.id));
  t.not(sink.received[1]?.headers['idempotency-key'], sink.received[0]?.headers['idempotency-key']);
  const unknown = await request(new URL('/v1/notifications/nothing/replay', notifier.endpoint), {
    method: 'POST',
  });
  t.is(unknown.statusCode, 404);
  await unknown.body.dump();
});

test('webhooks are signed when there is a secret', async (t) => {
  const { sink, alarm, fail } = await make(t, { config: { hmac_secret: 'shared' } });
  await alarm('i');
  await fail('i');
  const [webhook] = await sink.wait(1);
  const header = String(webhook?.headers['x-doctor-signature']);
  t.true(verifySignature('shared', webhook?.rawBody ?? '', header, Date.now()));
  t.false(verifySignature('other', webhook?.rawBody ?? '', header, Date.now()));
});

test('user and password in a URL go into the Authorization header, and into no message', async (t) => {
  const { sink, alarm, fail } = await make(t);
  await alarm('i', `http://user:p%40ss@${sink.url.host}/x`);
  await fail('i');
  const [webhook] = await sink.wait(1);
  t.is(webhook?.headers.authorization, `Basic ${Buffer.from('user:p@ss').toString('base64')}`);
});

test('what is owed is sent first after a restart, and alarms are as they were', async (t) => {
  const first = await make(t);
  first.sink.answer = () => 503;
  const { alarm_id: id } = await first.alarm('i');
  await first.fail('i');
  await first.sink.wait(1);
  const { folder } = first.context;
  await first.notifier.stop();
  first.sink.received.length = 0;
  first.sink.answer = () => 204;
  const second = await startNotifier(t, { folder });
  await first.sink.wait(1);
  t.like(await second.notifier.getAlarm(id, owner), { state: 'alarm', project_id: 'p' });
  t.is(first.sink.received[0]?.body.alarm_id, id);
});

test('delivered notifications are forgotten after their retention, owed ones are not', async (t) => {
  const { sink, alarm, fail, notifier, notifications, wait } = await make(t);
  sink.answer = ({ path }) => (path === '/kept' ? 503 : 204);
  await alarm('kept', new URL('/kept', sink.url).href);
  await alarm('old');
  await fail('kept');
  await fail('old');
  await wait('the store', async () => (await notifications('?status=delivered')).length === 1);
  await notifier.stored().prune(Date.now() + 1000, new Date(Date.now() + 1000).toISOString());
  t.deepEqual(
    (await notifications()).map(({ status }) => status),
    ['pending'],
  );
});
