import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Notification, ProjectOwner } from '@nfv-doctor/core/plugin-api';
import { createWebhookSink, errorAlarm, instanceUpdate } from '@nfv-doctor/core/testing';
import { Pool } from 'undici';
import { type BenchRow, row } from './rows.js';
import { type NotifierBench, startSampleNotifier } from './sample-notifier.js';

const PROJECTS = 20;
const owner = (index: number): ProjectOwner => ({
  projectId: `project-${index % PROJECTS}`,
  userId: 'bench',
  credentials: { authUrl: 'http://127.0.0.1:1/v3' },
});
const instance = (index: number) => `instance-${index}-0000-4000-8000-000000000000`;
const now = () => Number(process.hrtime.bigint()) / 1e6;
const update = (index: number, state = 'error'): Notification =>
  instanceUpdate(instance(index), owner(index).projectId, state);

/** One alarm for each instance, made as fast as the notifier takes them. */
async function makeAlarms({ notifier }: NotifierBench, count: number, url: string): Promise<number> {
  const started = now();
  for (let from = 0; from < count; from += 500) {
    const indexes = Array.from({ length: Math.min(500, count - from) }, (_, index) => from + index);
    await Promise.all(
      indexes.map((index) =>
        notifier.createAlarm(errorAlarm(instance(index), url, { repeat_actions: true }), owner(index)),
      ),
    );
  }
  return (count / (now() - started)) * 1000;
}

async function startSink(): Promise<{
  url: string;
  take: () => Promise<Map<string, number>>;
  close: () => Promise<unknown>;
}> {
  const worker = new Worker(new URL('./webhook-sink.js', import.meta.url));
  const [url] = (await once(worker, 'message')) as [string];
  return {
    url,
    take: async () => {
      const answer = once(worker, 'message');
      worker.postMessage('take');
      return new Map((await answer)[0] as [string, number][]);
    },
    close: () => worker.terminate(),
  };
}

type Sink = Awaited<ReturnType<typeof startSink>>;

/**
 * Sends at an even rate.
 * @param send returns the message id of what the consumer will get, if it will get anything
 * @returns the 99th percentile of each second, ms from sending to the consumer
 */
async function paced(
  sink: Sink,
  rate: number,
  seconds: number,
  send: (count: number) => string | undefined,
): Promise<number[]> {
  const sent: [id: string, at: number][] = [];
  const total = rate * seconds;
  const started = now();
  for (let count = 0; count < total; ) {
    const due = Math.min(total, Math.floor(((now() - started) / 1000) * rate));
    for (; count < due; count++) {
      const at = now();
      const id = send(count);
      if (id !== undefined) sent.push([id, at]);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const arrived = new Map<string, number>();
  const deadline = now() + 30_000;
  while (arrived.size < sent.length && now() < deadline) {
    for (const [id, at] of await sink.take()) arrived.set(id, at);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  if (arrived.size < sent.length)
    throw new Error(`${sent.length - arrived.size} of ${sent.length} webhooks did not arrive`);
  const windows = Array.from({ length: seconds }, (): number[] => []);
  for (const [id, at] of sent)
    windows[Math.min(seconds - 1, Math.floor((at - started) / 1000))]?.push(
      (arrived.get(id) ?? Number.NaN) - at,
    );
  return windows.map(
    (values) => values.toSorted((x, y) => x - y)[Math.floor(values.length * 0.99)] ?? Number.NaN,
  );
}

/** Every `hitEvery`-th event fires one alarm. */
const events = (bench: NotifierBench, alarms: number, hitEvery: number) => (count: number) => {
  const hit = count % hitEvery === 0;
  const notification = update((count * 7919) % alarms, hit ? 'error' : 'active');
  void bench.bus.publish(notification);
  return hit ? notification.messageId : undefined;
};

/** Nothing but the requests: what the machine can do at this moment. */
async function floor(sink: Sink, rate: number, seconds: number): Promise<number> {
  const { origin, pathname } = new URL(sink.url);
  const pool = new Pool(origin, { connections: 32 });
  const padding = 'x'.repeat(1200);
  const values = await paced(sink, rate, seconds, (count) => {
    const id = `floor-${count}`;
    const body = JSON.stringify({ message_id: id, padding });
    void pool
      .request({ method: 'POST', path: pathname, headers: { 'content-type': 'application/json' }, body })
      .then((answer) => answer.body.dump());
    return id;
  });
  await pool.destroy();
  const median = values.toSorted((x, y) => x - y)[Math.floor(values.length / 2)] ?? Number.NaN;
  return Math.round(median * 100) / 100;
}

/** Time of one event inside the notifier, nothing firing: shows whether it grows with the number of alarms. */
async function costPerEvent(bench: NotifierBench, alarms: number): Promise<number[]> {
  const samples: number[] = [];
  for (let round = 0; round < 60; round++) {
    const events = Array.from({ length: 500 }, (_, index) =>
      update((round * 500 + index * 7919) % alarms, 'building'),
    );
    const started = now();
    for (const event of events) await bench.bus.publish(event);
    samples.push(((now() - started) / events.length) * 1000);
  }
  // the first rounds are the compiler's
  return samples.slice(10);
}

async function withAlarms(alarms: number): Promise<BenchRow[]> {
  const sink = await startSink();
  const bench = await startSampleNotifier();
  try {
    const perSecond = await makeAlarms(bench, alarms, sink.url);
    const rows = [
      row(`notifier: event with ${alarms} alarms, none firing`, 'µs', await costPerEvent(bench, alarms)),
    ];
    if (alarms < 100_000) return rows;
    // the compiler's and the first connections' time is not the notifier's
    await paced(sink, 1000, 2, events(bench, alarms, 1));
    const tenth = await paced(sink, 5000, 6, events(bench, alarms, 10));
    const all = await paced(sink, 5000, 6, events(bench, alarms, 1));
    const name =
      'notifier: p99 of each second, event to webhook at the consumer, 5,000 events/s, 100,000 alarms';
    const tenthFloor = await floor(sink, 500, 3);
    return [
      row('notifier: alarms made', 'alarms/s', [perSecond]),
      ...rows,
      row(`${name}, every tenth fires`, 'ms', tenth, { goal: 5, floor: tenthFloor }),
      row(`${name}, every one fires`, 'ms', all, { goal: 5, floor: await floor(sink, 5000, 3) }),
    ];
  } finally {
    await bench.close();
    await sink.close();
  }
}

/** The last of N alarms of one fault at a consumer in the same process. */
async function lastOf(count: number, rounds: number): Promise<BenchRow> {
  const sink = await createWebhookSink();
  const bench = await startSampleNotifier();
  const times: number[] = [];
  try {
    await makeAlarms(bench, count, new URL('/alarm', sink.url).href);
    for (let round = 0; round < rounds; round++) {
      const started = performance.now();
      for (let index = 0; index < count; index++) void bench.bus.publish(update(index));
      await sink.wait(count, 30_000);
      times.push(Math.max(...sink.received.map(({ at }) => at)) - started);
      sink.received.length = 0;
    }
  } finally {
    await bench.close();
    await sink.close();
  }
  return row(
    `notifier: last of ${count} alarms at a consumer in the same process`,
    'ms',
    times,
    count === 1000 ? { goal: 300 } : {},
  );
}

/** The notifier's figures. */
export async function benchNotifier(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const count of [1, 100, 1000]) rows.push(await lastOf(count, count === 1000 ? 10 : 30));
  for (const alarms of [1000, 10_000, 100_000]) rows.push(...(await withAlarms(alarms)));
  return rows;
}
