import type { Clock } from '@nfv-doctor/core/plugin-api';
import { decorrelatedJitterGenerator, ExponentialBackoff } from 'cockatiel';
import type { Failure } from './failure.js';

export interface RetryOptions {
  /** Attempts after the first. */
  retries: number;
  delayMs: number;
  maxDelayMs: number;
}

export type Attempt<T> = { value: T; failure?: undefined } | { failure: Failure };

/**
 * Repeats an attempt while it is allowed: always when the service cannot have seen the request, else only when that does no harm.
 * @throws the last failure's error; the signal's reason
 */
export async function withRetries<T>(
  attempt: () => Promise<Attempt<T>>,
  options: RetryOptions & {
    idempotent: boolean;
    clock: Clock;
    signal: AbortSignal | undefined;
    onRetry: (failure: Failure, delayMs: number) => void;
  },
): Promise<T> {
  const first = await attempt();
  if (first.failure === undefined) return first.value;
  let failure = first.failure;
  let backoff = new ExponentialBackoff({
    initialDelay: options.delayMs,
    maxDelay: options.maxDelayMs,
    generator: decorrelatedJitterGenerator,
  }).next();
  for (let retry = 0; retry < options.retries; retry++) {
    const allowed = failure.transient && (failure.unsent || options.idempotent);
    const delayMs = Math.max(backoff.duration, failure.retryAfterMs ?? 0);
    if (!allowed || delayMs > options.maxDelayMs) break;
    options.onRetry(failure, delayMs);
    await options.clock.sleep(delayMs, options.signal);
    const next = await attempt();
    if (next.failure === undefined) return next.value;
    failure = next.failure;
    backoff = backoff.next(undefined);
  }
  throw failure.error;
}
