import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DoctorError, type Notification, until } from '@nfv-doctor/core/plugin-api';
import { messageBusContract, systemClock } from '@nfv-doctor/core/testing';
import anyTest, { type TestFn } from 'ava';
import { Connection } from 'rabbitmq-client';
import { type Broker, createBroker, missing } from './rabbitmq/broker.js';
import { startBus } from './rabbitmq/bus.js';
import { recorded } from './rabbitmq/recorded.js';

const runner = missing ? anyTest.skip : anyTest.serial;
const test = runner as unknown as TestFn;
let broker: Broker;

if (missing) anyTest(`skipped: ${missing}`, (t) => t.pass());
else {
  anyTest.before(async () => {
    broker = await createBroker();
    await broker.start();
  });
  anyTest.after.always(() => broker.remove());
}

const eventually = (what: string, look: () => boolean, timeoutMs = 30_000) =>
  until(look, { clock: systemClock, what, timeoutMs, intervalMs: 5 });

const notification = (eventType: string, payload: Record<string, unknown> = {}): Notification => ({
  messageId: randomUUID(),
  publisherId: 'doctor.test',
  eventType,
  priority: 'INFO',
  payload,
  timestamp: '2030-01-01T00:00:00.000000Z',
});

messageBusContract(test, () => startBus({ transport_url: broker.url }));
messageBusContract(test, () => startBus({ transport_url: broker.url, queue: `durable-${randomUUID()}` }), {
  name: 'durable queue',
});
messageBusContract(test, () => startBus({ transport_url: broker.url, driver: 'messaging' }), {
  name: 'driver messaging',
});

/** A raw client: another program on the same broker. */
async function withClient<T>(work: (client: Connection) => Promise<T>): Promise<T> {
  const client = new Connection({
    hostname: '127.0.0.1',
    port: broker.port,
    username: 'openstack',
    password: 'mq-secret',
  });
  try {
    return await work(client);
  } finally {
    client.unsafeDestroy();
  }
}

test("hears Nova's recorded notification, and leaves Ceilometer its own copy", async (t) => {
  const message = recorded('amqp-compute-instance-update-messagingv2.json');
  const { bus, stop } = await startBus({ transport_url: broker.url });
  const heard: Notification[] = [];
  await bus.subscribe(['compute.instance.*'], (each) => void heard.push(each));
  await withClient(async (client) => {
    const queue = 'notifications.info';
    await client.queueDeclare({ queue });
    await client.queueBind({ queue, exchange: message.exchange, routingKey: message.routing_key });
    const publisher = client.createPublisher({ confirm: true });
    const envelope = {
      exchange: message.exchange,
      routingKey: message.routing_key,
      contentType: message.content_type,
      contentEncoding: message.content_encoding,
      deliveryMode: message.properties.delivery_mode,
    };
    await publisher.send(envelope, Buffer.from(message.body));
    await publisher.send(envelope, Buffer.from('not a notification'));
    await publisher.send(envelope, Buffer.from(message.body));
    await eventually('the notification', () => heard.length === 1);
    const own = await client.queueDeclare({ queue, passive: true });
    t.is(own.messageCount, 3);
    await client.queueDelete({ queue });
  });
  t.like(heard[0]?.payload, { host: 'compute-3', state: 'error' });
  // the second copy was a duplicate, the one between was no notification
  await bus.publish(notification('compute.instance.last'));
  await eventually('the last one', () => heard.at(-1)?.eventType === 'compute.instance.last');
  t.is(heard.length, 2);
  await stop();
});

test('publishes what Ceilometer reads: exchange, routing key, properties, envelope', async (t) => {
  const expected = recorded('amqp-maintenance-scheduled-messagingv2.json');
  const { bus, stop } = await startBus({ transport_url: broker.url });
  await withClient(async (client) => {
    const { queue } = await client.queueDeclare({ exclusive: true });
    await client.queueBind({ queue, exchange: expected.exchange, routingKey: expected.routing_key });
    const sent = notification('maintenance.scheduled', { state: 'MAINTENANCE' });
    await bus.publish(sent);
    const message = await client.basicGet(queue);
    t.like(message, {
      contentType: expected.content_type,
      contentEncoding: expected.content_encoding,
      deliveryMode: expected.properties.delivery_mode,
      priority: expected.properties.priority,
    });
    const outer = JSON.parse(String(message?.body)) as Record<string, string>;
    t.like(JSON.parse(outer['oslo.message'] ?? ''), {
      message_id: sent.messageId,
      timestamp: '2030-01-01 00:00:00.000000',
    });
  });
  await stop();
});

test("feeds the services' queue that exists, and declares none", async (t) => {
  const queue = 'notifications.info';
  await withClient(async (client) => {
    await client.queueDelete({ queue });
    const before = await startBus({ transport_url: broker.url });
    await before.bus.publish(notification('fed.nobody'));
    await before.stop();
    await t.throwsAsync(client.queueDeclare({ queue, passive: true }), { code: 'NOT_FOUND' });
    // as Nova and Ceilometer do: bound to the exchange of a service only
    await client.queueDeclare({ queue });
    const { bus, stop } = await startBus({ transport_url: broker.url });
    await bus.publish(notification('fed.ceilometer'));
    t.regex(String((await client.basicGet(queue))?.body), /fed\.ceilometer/);
    await stop();
    await client.queueDelete({ queue });
  });
});

test('fits exchanges that exist with other properties', async (t) => {
  const exchange = `durable-${randomUUID()}`;
  await withClient((client) => client.exchangeDeclare({ exchange, type: 'topic', durable: true }));
  const { bus, stop } = await startBus({
    transport_url: broker.url,
    exchanges: [exchange],
    publish_exchange: exchange,
  });
  let heard = 0;
  await bus.subscribe(['x'], () => void heard++);
  await bus.publish(notification('x'));
  await eventually('the notification', () => heard === 1);
  t.pass();
  await stop();
});

test('the broker restarts: listeners are told, nothing published meanwhile is lost', async (t) => {
  const { bus, stop } = await startBus({ transport_url: broker.url });
  const heard: string[] = [];
  let reconnected = 0;
  bus.onReconnect(() => void reconnected++);
  await bus.subscribe(['during.*'], ({ eventType }) => void heard.push(eventType));
  await broker.stop('SIGKILL');
  await eventually('health to say so', () => (bus.health() as { status: string }).status === 'down');
  t.is(reconnected, 0);
  const waiting = bus.publish(notification('during.restart'));
  await broker.start();
  await waiting;
  await eventually('the reconnection', () => reconnected === 1);
  await bus.publish(notification('during.after'));
  await eventually('the notification after it', () => heard.includes('during.after'));
  await stop();
});

test("Doctor's own listeners hear at once what it publishes, once, and without a broker too", async (t) => {
  const { bus, stop } = await startBus({ transport_url: broker.url });
  const heard: Notification[] = [];
  await bus.subscribe(['own.*'], (each) => void heard.push(each));
  const sent = notification('own.first', { some: ['thing'] });
  const taken = bus.publish(sent);
  t.deepEqual(heard, [sent]);
  await taken;
  await broker.stop();
  const waiting = bus.publish(notification('own.second'));
  t.is(heard.length, 2);
  await broker.start();
  await waiting;
  await bus.publish(notification('own.third'));
  await withClient(async (client) => {
    // what the broker has comes in order: the copies of the first three would have come before
    const last = notification('own.last');
    const publisher = client.createPublisher({ confirm: true });
    await publisher.send(
      { exchange: 'openstack', routingKey: 'notifications.info', contentType: 'application/json' },
      Buffer.from(
        JSON.stringify({
          message_id: last.messageId,
          publisher_id: 'other',
          event_type: last.eventType,
          priority: 'INFO',
          payload: {},
          timestamp: '2030-01-01 00:00:00.000000',
        }),
      ),
    );
    await eventually('the last one', () => heard.at(-1)?.eventType === 'own.last');
  });
  t.deepEqual(
    heard.map(({ eventType }) => eventType),
    ['own.first', 'own.second', 'own.third', 'own.last'],
  );
  await stop();
});

test("a fault's notification goes to the broker a moment later when an own listener is at work upon it", async (t) => {
  const { bus, stop } = await startBus({ transport_url: broker.url, loopback_head_start: '300 ms' });
  await bus.subscribe(['own.*'], async () => {});
  const fault = { ownListenersFirst: true };
  await withClient(async (client) => {
    const { queue } = await client.queueDeclare({ exclusive: true });
    await client.queueBind({ queue, exchange: 'openstack', routingKey: 'notifications.info' });
    await Promise.all([
      bus.publish(notification('own.fault'), undefined, fault),
      bus.publish(notification('own.ordinary')),
    ]);
    await Promise.all([
      bus.publish(notification('foreign.fault'), undefined, fault),
      bus.publish(notification('own.second')),
    ]);
    const order: string[] = [];
    for (let message = await client.basicGet(queue); message; message = await client.basicGet(queue)) {
      const outer = JSON.parse(String(message.body)) as Record<string, string>;
      order.push((JSON.parse(outer['oslo.message'] ?? '{}') as { event_type: string }).event_type);
    }
    t.deepEqual(order, ['own.ordinary', 'own.fault', 'foreign.fault', 'own.second']);
  });
  await stop();
});

test('without loopback the broker tells, once', async (t) => {
  const { bus, stop } = await startBus({ transport_url: broker.url, loopback: false });
  let told = 0;
  await bus.subscribe(['own.*'], () => void told++);
  const taken = bus.publish(notification('own.first'));
  t.is(told, 0);
  await taken;
  await eventually('the copy of the broker', () => told === 1);
  await stop();
});

test('a durable queue keeps what comes while Doctor is away', async (t) => {
  const config = { transport_url: broker.url, queue: `kept-${randomUUID()}` };
  await (await startBus(config)).stop();
  const other = await startBus({ transport_url: broker.url });
  await other.bus.publish(notification('while.away'));
  await other.stop();
  const again = await startBus(config);
  const heard: string[] = [];
  await again.bus.subscribe(['while.*'], ({ eventType }) => void heard.push(eventType));
  await eventually('the kept notification', () => heard.length === 1);
  await again.stop();
  t.deepEqual(heard, ['while.away']);
});

test('start says clearly what is wrong', async (t) => {
  const refused = await t.throwsAsync(
    startBus({ transport_url: `rabbit://openstack:wrong-hush@127.0.0.1:${broker.port}/` }),
  );
  t.regex(refused?.message ?? '', /refused user openstack/);
  t.notRegex(String(refused), /wrong-hush/);
  const vhost = await t.throwsAsync(startBus({ transport_url: `${broker.url}nowhere` }));
  t.regex(vhost?.message ?? '', /no vhost nowhere/);
  const down = await t.throwsAsync(
    startBus({ transport_url: 'rabbit://u:p@127.0.0.1:1/', connect_timeout: 300 }),
  );
  t.true(DoctorError.is(down));
  const web = createServer((_, response) => response.end('a web page'));
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  const { port } = web.address() as AddressInfo;
  const foreign = await t.throwsAsync(startBus({ transport_url: `rabbit://u:p@127.0.0.1:${port}/` }));
  web.close();
  t.regex(foreign?.message ?? '', /is no RabbitMQ: it answered "HTTP\/1\.1 400/);
  t.regex(down?.message ?? '', /127\.0\.0\.1:1 did not answer within 300 ms \(ECONNREFUSED\)/);
});

test('told to wait, it starts without a broker and listens when there is one', async (t) => {
  await broker.stop();
  const { bus, stop } = await startBus({ transport_url: broker.url, wait: true });
  t.is((await bus.health()).status, 'down');
  let reconnected = 0;
  let heard = 0;
  bus.onReconnect(() => void reconnected++);
  await bus.subscribe(['late'], () => void heard++);
  await broker.start();
  await eventually('the connection', () => reconnected === 1);
  await bus.publish(notification('late'));
  await eventually('the notification', () => heard === 1);
  await stop();
});
