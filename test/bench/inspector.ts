import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Inspector } from '@nfv-doctor/core/plugin-api';
import { FakeCloud } from '@nfv-doctor/core/testing';
import { type BenchRow, row } from './rows.js';
import { startSampleInspector } from './sample-inspector.js';

/** PUT of one event over HTTP until the last of N calls has reached a controller that answers at once. */
async function calls(instances: number, rounds: number): Promise<BenchRow> {
  const cloud = new FakeCloud();
  cloud.addHost('host-1');
  for (let index = 0; index < instances; index++) cloud.addInstance(`instance-${index}`, 'host-1');
  const { inspector, close } = await startSampleInspector(cloud);
  const times: number[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      let last = 0;
      cloud.before = () => void (last = performance.now());
      const started = performance.now();
      await put(inspector, 'down', round);
      await inspector.settled();
      times.push(last - started);
      cloud.calls.length = 0;
      await put(inspector, 'up', round);
      await inspector.settled();
      cloud.calls.length = 0;
    }
  } finally {
    await close();
  }
  return row(
    `inspector: PUT to last of ${instances} controller calls`,
    'ms',
    times,
    instances === 1000 ? { goal: 150 } : {},
  );
}

async function put(inspector: Inspector, status: 'down' | 'up', round: number): Promise<void> {
  const details = { hostname: 'host-1', status, monitor: 'bench', monitor_event_id: `${status}-${round}` };
  const body = JSON.stringify([{ time: new Date().toISOString(), type: `compute.host.${status}`, details }]);
  const answer = await fetch(new URL('/events', inspector.endpoint), {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body,
  });
  if (!answer.ok) throw new Error(`PUT /events: ${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
}

/** Events/s over HTTP with keep-alive; every event is a verdict about another host, stored and acted upon. */
async function throughput(events: number, hosts: number): Promise<BenchRow[]> {
  const cloud = new FakeCloud();
  for (let index = 0; index < hosts; index++) cloud.addHost(`host-${index}`);
  const { inspector, close } = await startSampleInspector(cloud, { max_hosts_down: 0 });
  try {
    const worker = new Worker(new URL('./event-load.js', import.meta.url), {
      workerData: { url: inspector.endpoint!.href, events, hosts, connections: 16 },
    });
    const [result] = (await once(worker, 'message')) as [
      { elapsedMs: number; latencies: Float64Array; perSecond: number[] },
    ];
    await inspector.settled();
    return [
      row('inspector: events over HTTP', 'events/s', result.perSecond, { goal: 5000 }),
      row('inspector: event accepted (stored) over HTTP, 16 connections', 'ms', [...result.latencies], {
        goal: 20,
      }),
    ];
  } finally {
    await close();
  }
}

/** Resident memory of a process with nothing but an inspector that maps so many. */
async function memory(hosts: number, instances: number): Promise<BenchRow> {
  const child = fork(new URL('./inspector-memory.js', import.meta.url), [String(hosts), String(instances)]);
  const [used] = (await once(child, 'message')) as [number[]];
  if (child.exitCode === null) await once(child, 'exit');
  return row(`inspector: map of ${hosts} hosts, ${instances} instances`, 'MB', used, { goal: 400 });
}

/** Rows of the inspector. */
export async function benchInspector(): Promise<BenchRow[]> {
  return [
    await calls(1, 100),
    await calls(10, 100),
    await calls(100, 50),
    await calls(1000, 30),
    ...(await throughput(60_000, 5000)),
    await memory(5000, 200_000),
  ];
}
