import type { ExecutionContext } from 'ava';
import { until } from '@nfv-doctor/core/plugin-api';
import { systemClock } from '@nfv-doctor/core/testing';

/** Does something and logs how long it took. */
export async function timed<T>(t: ExecutionContext, what: string, work: () => Promise<T>): Promise<T> {
  const before = performance.now();
  const result = await work();
  t.log(`${what}: ${(performance.now() - before).toFixed(0)} ms`);
  return result;
}

/** Looks ten times a second until it is so, a minute at most. */
export const eventually = <T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
) => until(look, { clock: systemClock, what, timeoutMs: 60_000, intervalMs: 100 });
