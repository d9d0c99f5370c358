import { setMaxListeners } from 'node:events';
import type { Clock } from '../../domain/clock.js';
import { DoctorError } from '../../errors/index.js';

export interface BoundedOptions {
  /** What is bounded, for the error. */
  what: string;
  timeoutMs: number;
  /** Time that stopped work gets to end, ms; default 10 s. */
  graceMs?: number;
  /** Ends the work early, with its reason. */
  signal?: AbortSignal;
}

/**
 * Runs `work` with a signal that is aborted after `timeoutMs`, or when the outer signal is. Work that is told to stop
 * gets `graceMs` to end what it has begun (a call that creates something, so that its answer is known and can be undone);
 * work that ignores its signal is not waited for any longer.
 * @throws DoctorError TIMEOUT; the outer signal's reason; what `work` throws
 */
export async function bounded<T>(
  clock: Clock,
  { what, timeoutMs, signal: outer, graceMs = 10_000 }: BoundedOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  outer?.throwIfAborted();
  const controller = new AbortController();
  const { signal } = controller;
  // many calls of one step wait on it at once
  setMaxListeners(0, signal);
  const late = () =>
    controller.abort(new DoctorError('TIMEOUT', `${what} did not end within ${timeoutMs} ms`));
  const forward = () => controller.abort(outer?.reason);
  const timers = [clock.setTimeout(late, timeoutMs)];
  outer?.addEventListener('abort', forward, { once: true });
  try {
    const givenUp = new Promise<never>((_, reject) => {
      signal.addEventListener(
        'abort',
        () => timers.push(clock.setTimeout(() => reject(signal.reason as Error), graceMs)),
        { once: true },
      );
    });
    return await Promise.race([work(signal), givenUp]);
  } catch (error) {
    // what the work threw because it was stopped is less than why it was stopped
    throw signal.aborted ? signal.reason : error;
  } finally {
    for (const timer of timers) timer.cancel();
    outer?.removeEventListener('abort', forward);
  }
}
