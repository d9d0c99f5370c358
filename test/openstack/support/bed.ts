import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until } from '@nfv-doctor/core';
import { systemClock } from '@nfv-doctor/core/testing';
import type { ExecutionContext } from 'ava';

const execute = promisify(execFile);

/** The checkout. */
export const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
export const STATE_DIR = process.env.STATE_DIR ?? '/tmp/doctor-openstack';
/** The host that has room for many instances; disabled while no test needs it. */
export const BIG_HOST = 'compute-4';

const script = async (name: string, ...args: string[]): Promise<string> => {
  const { stdout } = await execute(join(ROOT, 'test/openstack', name), args, {
    env: { ...process.env, STATE_DIR },
    maxBuffer: 64 << 20,
    timeout: 90_000,
  });
  return stdout;
};

/** Stops, kills, starts one service of the test bed. */
export const service = (name: string, action: 'stop' | 'kill' | 'start' | 'restart' | 'ready') =>
  script('service', name, action);

/** Everything there is in the cloud, as canonical JSON. */
export const snapshot = () => script('snapshot');

/** Waits until every service answers again after one was stopped. */
export const answering = () =>
  until(
    () =>
      snapshot().then(
        () => true,
        () => false,
      ),
    { clock: systemClock, what: 'all services to answer', timeoutMs: 90_000, intervalMs: 300 },
  );

type Snapshot = Record<string, unknown[] | Record<string, unknown>>;

/** What one of two snapshots has and the other has not, a line each. */
function differences(before: Snapshot, after: Snapshot): string[] {
  const items = (part: Snapshot[string] = []) =>
    (Array.isArray(part) ? part : Object.entries(part)).map((item) => JSON.stringify(item));
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((part) => {
    const [old, now] = [items(before[part]), items(after[part])];
    return [
      ...now.filter((item) => !old.includes(item)).map((item) => `${part} has ${item}`),
      ...old.filter((item) => !now.includes(item)).map((item) => `${part} had ${item}`),
    ];
  });
}

/** Placement lets go of a deleted instance a moment after Nova. */
const SETTLES_WITHIN_MS = 10_000;

/** @returns a check that the cloud is as it was found; it fails the test otherwise, whatever became of it */
export async function mustLeaveNothing(t: ExecutionContext): Promise<() => Promise<void>> {
  const before = JSON.parse(await snapshot()) as Snapshot;
  return async () => {
    const deadline = performance.now() + SETTLES_WITHIN_MS;
    let left: string[];
    do left = differences(before, JSON.parse(await snapshot()) as Snapshot);
    while (left.length > 0 && performance.now() < deadline);
    t.deepEqual(left, [], 'the cloud is not as it was found');
  };
}
