import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type FaultEvent, until } from '@nfv-doctor/core';
import { type RunningReceiver, systemClock } from '@nfv-doctor/core/testing';
import {
  type Emulator,
  type EmulatorContext,
  findProgram,
  type WatchedHost,
  type WatchOptions,
} from '@nfv-doctor/plugin-embedded';
import { createEmbeddedCloud, type EmbeddedCloud } from '@nfv-doctor/plugin-embedded';
import type { ExecutionContext } from 'ava';

/** The program's path; undefined, with a word about it, when the test cannot be run here. */
export function needs(t: ExecutionContext, program: string, { root = false } = {}): string | undefined {
  const path = findProgram(program);
  const isRoot = process.geteuid?.() === 0 && findProgram('ip') !== undefined;
  if (path !== undefined && (isRoot || !root)) return path;
  t.log(
    `not run: ${path === undefined ? `${program} is not installed` : 'network namespaces need root and ip'}`,
  );
  t.pass();
  return undefined;
}

export const emulatorContext: EmulatorContext = {
  clock: systemClock,
  credentials: () => {
    throw new Error('a watcher needs no credentials');
  },
  publish: () => {},
  log: () => {},
};

/** Hosts with real links. */
export async function namespaceHosts(t: ExecutionContext, count: number): Promise<EmbeddedCloud> {
  const cloud = createEmbeddedCloud({ network: 'namespaces', hosts: { count } });
  t.teardown(() => cloud.stop());
  await cloud.start();
  return cloud;
}

export const watched = ({ hosts }: EmbeddedCloud): WatchedHost[] =>
  hosts.flatMap(({ hostname, addresses: [first] }) =>
    first ? [{ hostname, address: first.address, port: first.port }] : [],
  );

const seen = new WeakMap<RunningReceiver, number>();

/** The next event of this type that the receiver reports, after the last one that was waited for. */
export async function nextReport(
  receiver: RunningReceiver,
  type: string,
  timeoutMs = 15_000,
): Promise<FaultEvent> {
  const from = seen.get(receiver) ?? 0;
  const index = await until(
    async () => {
      const found = receiver.reported.findIndex((event, at) => at >= from && event.type === type);
      return found < 0 ? undefined : { found };
    },
    { clock: systemClock, what: `${type} to be reported`, timeoutMs, intervalMs: 5 },
  );
  seen.set(receiver, index.found + 1);
  return receiver.reported[index.found] as FaultEvent;
}

/** Takes what watchers post. */
export async function startSink(t: ExecutionContext): Promise<{ url: string; bodies: unknown[] }> {
  const bodies: unknown[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(JSON.parse(Buffer.concat(chunks).toString()));
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sink`, bodies };
}

/**
 * The watcher's bodies about `compute-1` and its one outage: the first state, where the watcher tells it, down, up.
 * @param before how many bodies there are before the outage
 */
export async function bodiesOfOutage(
  t: ExecutionContext,
  cloud: EmbeddedCloud,
  make: (options: WatchOptions) => Emulator,
  before = 0,
): Promise<unknown[]> {
  const { url, bodies } = await startSink(t);
  const watcher = make({ url, intervalMs: 100, real: true, hosts: () => watched(cloud) });
  const posted = (count: number) =>
    until(async () => bodies.length >= count, {
      clock: systemClock,
      what: `${count} bodies to be posted`,
      timeoutMs: 15_000,
      intervalMs: 5,
    });
  await watcher.start(0);
  try {
    await posted(before);
    await cloud.cutNetwork('compute-1');
    await posted(before + 1);
    await cloud.restoreNetwork('compute-1');
    await posted(before + 2);
  } finally {
    await watcher.stop();
  }
  return bodies;
}

/** A body without what differs from one outage to the next: numbers, addresses, times, ids. */
export const shapeOf = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value)
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .replaceAll(/\b[0-9a-f]{16}\b/g, 'ID')
      .replaceAll(/\d+(\.\d+)+(:\d+)?/g, 'N')
      .replaceAll(/http:\/\/[^"/]+/g, 'http://HOST'),
  );
