import { DoctorError } from '../../errors/index.js';
import type { StepContext } from '../engine/types.js';

/** What was looked at: whether it is as expected, and what was seen. */
export interface Look {
  passed: boolean;
  detail: string;
}

/**
 * Looks until it is as expected, at most `timeoutMs`, and records the outcome as a check.
 * An error of the look counts as not yet; the last one is told.
 */
export async function checkUntil<State>(
  ctx: StepContext<State>,
  name: string,
  timeoutMs: number,
  look: () => Promise<Look>,
): Promise<boolean> {
  const { clock, options, signal } = ctx;
  const deadline = clock.monotonic() + timeoutMs;
  for (;;) {
    const seen = await look().catch((error: unknown): Look => {
      signal.throwIfAborted();
      return { passed: false, detail: error instanceof Error ? error.message : String(error) };
    });
    const left = deadline - clock.monotonic();
    if (seen.passed || left <= 0) {
      ctx.check(name, seen.passed, seen.passed ? seen.detail : `${seen.detail} (after ${timeoutMs} ms)`);
      return seen.passed;
    }
    await clock.sleep(Math.min(options.poll_interval, left), signal);
  }
}

/**
 * Waits for a condition that events of this process bring about: it is looked at after each event, not by polling.
 * @returns false when it did not come within `timeoutMs`
 */
export async function whenEvent<State>(
  ctx: StepContext<State>,
  timeoutMs: number,
  condition: () => boolean,
): Promise<boolean> {
  if (condition()) return true;
  const { promise, resolve, reject } = deferred<boolean>();
  const aborted = () => reject(ctx.signal.reason ?? new DoctorError('ABORTED', 'interrupted'));
  const timer = ctx.clock.setTimeout(() => resolve(condition()), timeoutMs);
  const unsubscribe = ctx.events.onAny(() => condition() && resolve(true));
  ctx.signal.addEventListener('abort', aborted, { once: true });
  if (ctx.signal.aborted) aborted();
  try {
    return await promise;
  } finally {
    timer.cancel();
    unsubscribe();
    ctx.signal.removeEventListener('abort', aborted);
  }
}

function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((res, rej) => {
    resolve = res;
    reject = rej;
  });
  return { promise, resolve, reject };
}
