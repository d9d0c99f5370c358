import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../clock/system-clock.js';
import type { FaultEvent } from '../domain/fault.js';
import { until } from '../domain/until.js';
import { silentLogger } from '../log/index.js';
import type { Inspector } from '../roles/inspector.js';
import { createFaultReporter, type FaultReporterOptions } from './fault-reporter.js';

const event = (
  hostname: string,
  status: 'up' | 'down' = 'down',
  id = `${hostname}-${status}`,
): FaultEvent => ({
  time: '2030-01-01T00:00:00Z',
  type: `compute.host.${status}`,
  details: { hostname, status, monitor: 'test', monitor_event_id: id },
});

interface Received {
  method: string | undefined;
  url: string | undefined;
  authorization: string | undefined;
  id: string;
  port: number | undefined;
}
type Answer = (response: ServerResponse, received: Received) => void;

/** An inspector that answers as the test wants. */
async function inspector(t: ExecutionContext, answer: Answer) {
  const received: Received[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const [first] = JSON.parse(text || '[]') as FaultEvent[];
    const { method, url, headers, socket } = request;
    const one = {
      method,
      url,
      authorization: headers.authorization,
      id: first?.details.monitor_event_id ?? '',
      port: socket.remotePort,
    };
    received.push(one);
    answer(response, one);
  };
  const server = createServer(
    (request, response) => void handle(request, response).catch(() => response.destroy()),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function reporter(t: ExecutionContext, options: Partial<FaultReporterOptions>) {
  const made = createFaultReporter({
    clock: systemClock,
    log: silentLogger,
    inspector: () => undefined,
    remoteUrl: '',
    token: '',
    timeoutMs: 1000,
    ...options,
  });
  t.teardown(() => made.close());
  return made;
}
const ok: Answer = (response) => void response.writeHead(202).end('{}');
const seen = (list: readonly unknown[], count: number) =>
  until(() => list.length >= count, {
    clock: systemClock,
    what: `${count} reports`,
    timeoutMs: 5000,
    intervalMs: 5,
  });

test('PUTs the event to the inspector, with its token, on one connection', async (t) => {
  const { received, url } = await inspector(t, ok);
  const { report } = reporter(t, { remoteUrl: `${url}/`, token: 'let-me-in' });
  await report(event('a'));
  await nextTurn(); // the connection is free again a turn after its answer
  await report(event('b'));
  t.like(received[0], { method: 'PUT', url: '/events', authorization: 'Bearer let-me-in', id: 'a-down' });
  t.is(received[0]?.port, received[1]?.port);
});

test('connects ahead of the first report, and tells at once that an inspector elsewhere is away', async (t) => {
  const { received, url } = await inspector(t, ok);
  const warm = reporter(t, { remoteUrl: url });
  await warm.warmUp();
  await nextTurn();
  t.like(received[0], { method: 'GET', url: '/health' });
  await warm.report(event('a'));
  t.is(received[0]?.port, received[1]?.port);
  await t.throwsAsync(reporter(t, { remoteUrl: 'http://127.0.0.1:9' }).warmUp(), {
    message: 'the inspector at http://127.0.0.1:9 cannot be reached (ECONNREFUSED)',
  });
});

test('goes to the endpoint of the inspector in this process, else to its report()', async (t) => {
  const { received, url } = await inspector(t, ok);
  const reported: FaultEvent[] = [];
  const direct = { report: async (events: FaultEvent[]) => void reported.push(...events) };
  const withEndpoint = { ...direct, endpoint: new URL(url) } as unknown as Inspector;
  await reporter(t, { inspector: () => withEndpoint }).report(event('a'));
  await reporter(t, { inspector: () => direct as unknown as Inspector }).report(event('b'));
  t.deepEqual(
    received.map(({ id }) => id),
    ['a-down'],
  );
  t.deepEqual(
    reported.map(({ details }) => details.hostname),
    ['b'],
  );
});

test('tries again after 503, 429, a dropped connection and silence, until it is taken', async (t) => {
  const answers: Answer[] = [
    (response) => void response.writeHead(503).end(),
    (response) => void response.writeHead(429).end(),
    (response) => void response.destroy(),
    () => {},
    ok,
  ];
  const { received, url } = await inspector(t, (response, one) => answers.shift()?.(response, one));
  await reporter(t, { remoteUrl: url, timeoutMs: 100 }).report(event('a'));
  t.is(received.length, 5);
});

test('is not tried again when the inspector refuses it, and what it said is told', async (t) => {
  const { received, url } = await inspector(
    t,
    (response) => void response.writeHead(400).end('{"message":"hostname is unknown"}'),
  );
  const error = await t.throwsAsync(reporter(t, { remoteUrl: url, token: 's3cret' }).report(event('a')));
  t.regex(error.message, /answered 400: .*hostname is unknown/);
  t.false(error.message.includes('s3cret'));
  t.is(received.length, 1);
});

test('a slow answer about one host delays no other', async (t) => {
  const { received, url } = await inspector(
    t,
    (response, one) => one.id.startsWith('slow') || ok(response, one),
  );
  const { report } = reporter(t, { remoteUrl: url, timeoutMs: 60_000 });
  const slow = report(event('slow'), AbortSignal.timeout(5000));
  await seen(received, 1);
  await Promise.all(Array.from({ length: 20 }, (_, i) => report(event(`host-${i}`))));
  t.is(received.length, 21);
  await t.throwsAsync(report(event('slow', 'up'), AbortSignal.abort(new Error('enough'))));
  await slow;
});

test('a newer event supersedes one that waits for an inspector that is away', async (t) => {
  const { received, url } = await inspector(
    t,
    (response, one) => void response.writeHead(one.id === 'a-up' ? 202 : 503).end(),
  );
  const { report } = reporter(t, { remoteUrl: url });
  const down = report(event('a', 'down'));
  await seen(received, 1);
  await report(event('a', 'up'));
  await t.notThrowsAsync(down);
  t.is(received.at(-1)?.id, 'a-up');
});

test('ends with its signal, and when Doctor stops', async (t) => {
  const { received, url } = await inspector(t, (response) => void response.writeHead(503).end());
  const made = reporter(t, { remoteUrl: url });
  const controller = new AbortController();
  const first = made.report(event('a'), controller.signal);
  const second = made.report(event('b'));
  await seen(received, 2);
  controller.abort(new Error('unwatched'));
  await t.throwsAsync(first, { message: 'unwatched' });
  await made.close();
  await t.throwsAsync(second, { message: /Doctor stops/ });
});

test('without any inspector it says what to set', async (t) => {
  await t.throwsAsync(reporter(t, {}).report(event('a')), { message: /inspector\.remote_url is not set/ });
});
