import { type FaultEvent, until } from '@nfv-doctor/core';
import { type RunningReceiver, systemClock } from '@nfv-doctor/core/testing';
import { type EmulatorContext, findProgram, type WatchedHost } from '@nfv-doctor/plugin-embedded';
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
