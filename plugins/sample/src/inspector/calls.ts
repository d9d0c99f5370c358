import { type Clock, DoctorError } from '@nfv-doctor/core/plugin-api';
import type { Lane } from './limiter.js';

export interface CallOptions {
  clock: Clock;
  /** From when on (monotonic ms) no further attempt is made. */
  deadline: number;
  /** One attempt may take this long, ms. */
  timeoutMs: number;
  /** First pause between attempts, ms; doubles up to `maxPauseMs`, half of it at random. */
  pauseMs: number;
  maxPauseMs: number;
  random: () => number;
  /** Ends pauses and forbids further attempts. An attempt under way is left to end by itself. */
  giveUp: AbortSignal;
  /** Ends everything: the inspector stops. */
  signal: AbortSignal;
}

/** How a call ended. `given_up`: withdrawn before it succeeded; whether the last attempt took effect is not known. */
export type CallOutcome =
  | { state: 'done'; attempts: number }
  | { state: 'failed'; attempts: number; error: DoctorError }
  | { state: 'given_up'; attempts: number };

/**
 * Calls until it succeeds, fails for good, or the deadline passes. A slot of the lane is taken for an attempt only,
 * not for the pause after it, so that a failing call holds up nobody.
 */
export async function call(
  what: string,
  lane: Lane,
  attempt: (signal: AbortSignal) => Promise<void>,
  options: CallOptions,
): Promise<CallOutcome> {
  const { clock, giveUp, signal } = options;
  let pause = options.pauseMs;
  for (let attempts = 1; ; attempts++) {
    if (giveUp.aborted || signal.aborted) return { state: 'given_up', attempts: attempts - 1 };
    let error: DoctorError;
    try {
      const skipped = await lane.run(async () => {
        if (giveUp.aborted || signal.aborted) return true;
        await withTimeout(what, attempt, options);
        return false;
      });
      return skipped ? { state: 'given_up', attempts: attempts - 1 } : { state: 'done', attempts };
    } catch (thrown) {
      error = DoctorError.from(thrown, 'CLOUD_ERROR', what);
      if (signal.aborted) return { state: 'given_up', attempts };
      if (!mayRetry(thrown)) return { state: 'failed', attempts, error };
    }
    const wait = pause / 2 + (options.random() * pause) / 2;
    if (clock.monotonic() + wait >= options.deadline) return { state: 'failed', attempts, error };
    await clock.sleep(wait, AbortSignal.any([giveUp, signal])).catch(() => {});
    pause = Math.min(pause * 2, options.maxPauseMs);
  }
}

/** A refusal is final; what is not known to be one is tried again. */
function mayRetry(error: unknown): boolean {
  if (!DoctorError.is(error)) return true;
  if (error.retryable) return true;
  return ['CLOUD_UNREACHABLE', 'CLOUD_OVER_LIMIT', 'CLOUD_ERROR', 'CLOUD_TIMEOUT', 'TIMEOUT'].includes(
    error.code,
  );
}

/** The attempt, or TIMEOUT when it has not ended in time, also when it ignores its signal. */
async function withTimeout(
  what: string,
  attempt: (signal: AbortSignal) => Promise<void>,
  { clock, timeoutMs, signal }: CallOptions,
): Promise<void> {
  const own = new AbortController();
  const stop = () => own.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  let timer: { cancel(): void } | undefined;
  try {
    await Promise.race([
      attempt(own.signal),
      new Promise<never>((_, reject) => {
        own.signal.addEventListener('abort', () => reject(own.signal.reason as Error), { once: true });
        timer = clock.setTimeout(() => {
          own.abort(
            new DoctorError('CLOUD_TIMEOUT', `${what}: no answer within ${timeoutMs} ms`, {
              retryable: true,
              details: { timeoutMs },
            }),
          );
        }, timeoutMs);
      }),
    ]);
  } finally {
    timer?.cancel();
    signal.removeEventListener('abort', stop);
  }
}
