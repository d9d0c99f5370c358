import type { Clock } from '../../domain/clock.js';
import { DoctorError } from '../../errors/index.js';

export interface BoundedOptions {
  /** What is bounded, for the error. */
  what: string;
  timeoutMs: number;
  /** Ends the work early, with its reason. */
  signal?: AbortSignal;
}

/**
 * Runs `work` with a signal that is aborted after `timeoutMs`, or when the outer signal is.
 * Does not wait for work that ignores its signal.
 * @throws DoctorError TIMEOUT; the outer signal's reason; what `work` throws
 */
export async function bounded<T>(
  clock: Clock,
  { what, timeoutMs, signal: outer }: BoundedOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  outer?.throwIfAborted();
  const controller = new AbortController();
  const timer = clock.setTimeout(
    () => controller.abort(new DoctorError('TIMEOUT', `${what} did not end within ${timeoutMs} ms`)),
    timeoutMs,
  );
  const forward = () => controller.abort(outer?.reason);
  outer?.addEventListener('abort', forward, { once: true });
  const { signal } = controller;
  try {
    const ended = new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
    );
    return await Promise.race([work(signal), ended]);
  } finally {
    timer.cancel();
    outer?.removeEventListener('abort', forward);
  }
}
