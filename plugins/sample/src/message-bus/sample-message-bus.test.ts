import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createTestContext, messageBusContract } from '@nfv-doctor/core/testing';
import { type Notification, until } from '@nfv-doctor/core/plugin-api';
import test, { type ExecutionContext } from 'ava';
import { request } from 'undici';
import type { MessageBusConfig } from './config.js';
import { SampleMessageBus } from './sample-message-bus.js';

const config: MessageBusConfig = {
  listen: -1,
  host: '127.0.0.1',
  connect: '',
  token: '',
  history: 100,
  connect_timeout: 5000,
  request_timeout: 1000,
  heartbeat: 200,
};

async function make(t: ExecutionContext, change: Partial<MessageBusConfig> = {}) {
  const context = await createTestContext();
  const bus = new SampleMessageBus({ ...config, ...change }, context);
  await bus.start(AbortSignal.timeout(10_000));
  t.teardown(async () => {
    await bus.stop();
    await context.close();
  });
  return { bus, context };
}

const notification = (n: number, eventType = 'a.b'): Notification => ({
  messageId: `m${n}`,
  publisherId: 'test',
  eventType,
  priority: 'INFO',
  payload: { n },
  timestamp: '2030-01-01 00:00:00',
});

messageBusContract(test, async (t) => {
  const { bus } = await make(t);
  return { bus, stop: () => bus.stop() };
});

messageBusContract(
  test,
  async (t) => {
    const { bus: listening } = await make(t, { listen: 0, token: 'secret' });
    const { bus } = await make(t, { connect: String(listening.endpoint), token: 'secret' });
    return { bus, stop: () => bus.stop() };
  },
  { name: 'message bus contract, joined' },
);

test('a handler that publishes does not change the order that others see', async (t) => {
  const { bus } = await make(t);
  const seen: unknown[] = [];
  await bus.subscribe(['a.b'], ({ payload }) => (payload.n === 1 ? bus.publish(notification(2)) : undefined));
  await bus.subscribe(['a.b'], ({ payload }) => void seen.push(payload.n));
  await bus.publish(notification(1));
  t.deepEqual(seen, [1, 2]);
});

test('two processes share one bus, in one order', async (t) => {
  const { bus: listening, context } = await make(t, { listen: 0 });
  const { bus: one } = await make(t, { connect: String(listening.endpoint) });
  const { bus: two } = await make(t, { connect: String(listening.endpoint) });
  const seen: unknown[][] = [[], [], []];
  for (const [index, bus] of [listening, one, two].entries())
    await bus.subscribe(['a.*'], ({ payload }) => void seen[index]?.push(payload.n));
  await one.publish(notification(1));
  await two.publish(notification(2));
  await listening.publish(notification(3));
  await until(() => seen.every((list) => list.length === 3), {
    clock: context.clock,
    what: 'all',
    timeoutMs: 5000,
  });
  t.deepEqual(seen, [
    [1, 2, 3],
    [1, 2, 3],
    [1, 2, 3],
  ]);
});

test('a lost connection comes back by itself; what was published meanwhile is not lost', async (t) => {
  const { bus: listening, context } = await make(t, { listen: 0 });
  const proxy = await cuttable(t, Number(listening.endpoint?.port));
  const { bus } = await make(t, { connect: `http://127.0.0.1:${proxy.port}` });
  const seen: unknown[] = [];
  let reconnects = 0;
  await bus.subscribe(['a.b'], ({ payload }) => void seen.push(payload.n));
  bus.onReconnect(() => void reconnects++);
  await listening.publish(notification(1));
  const wait = (what: string, look: () => boolean) =>
    until(look, { clock: context.clock, what, timeoutMs: 10_000, intervalMs: 5 });
  await wait('the first', () => seen.length === 1);
  proxy.cut();
  await wait('the loss', () => bus.health().status === 'down');
  await t.throwsAsync(bus.publish(notification(9)), { code: 'BACKEND_UNREACHABLE' });
  await listening.publish(notification(2));
  proxy.heal();
  await wait('the second', () => seen.length === 2);
  t.deepEqual(seen, [1, 2]);
  t.is(reconnects, 1);
});

test('a bus that cannot be joined is told in time', async (t) => {
  const context = await createTestContext();
  const bus = new SampleMessageBus(
    { ...config, connect: 'http://127.0.0.1:1', connect_timeout: 200 },
    context,
  );
  await t.throwsAsync(bus.start(AbortSignal.timeout(10_000)), {
    code: 'BACKEND_UNREACHABLE',
    message: /127\.0\.0\.1:1/,
  });
  await bus.stop();
  await context.close();
});

test('a wrong token is told at once', async (t) => {
  const { bus: listening } = await make(t, { listen: 0, token: 'right' });
  const context = await createTestContext();
  const bus = new SampleMessageBus(
    { ...config, connect: String(listening.endpoint), token: 'wrong' },
    context,
  );
  await t.throwsAsync(bus.start(AbortSignal.timeout(10_000)), {
    code: 'UNAUTHORIZED',
    message: /check message_bus\.token/,
  });
  await bus.stop();
  await context.close();
});

test('a notification with a missing field is refused by name', async (t) => {
  const { bus } = await make(t, { listen: 0 });
  const answer = await request(new URL('/notifications', bus.endpoint), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...notification(1), eventType: undefined }),
  });
  t.is(answer.statusCode, 400);
  t.like(await answer.body.json(), { error: { code: 'INPUT_INVALID' } });
});

/** A TCP relay whose connections can be cut. */
async function cuttable(t: ExecutionContext, target: number) {
  const sockets = new Set<Socket>();
  let open = true;
  const server = createServer((socket) => {
    if (!open) return void socket.destroy();
    const other = connect(target, '127.0.0.1');
    for (const each of [socket, other]) {
      sockets.add(each);
      each.on('error', () => {}).on('close', () => [socket, other].forEach((end) => end.destroy()));
    }
    socket.pipe(other).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      open = false;
      for (const socket of sockets) socket.destroy();
    },
    heal: () => (open = true),
  };
}
