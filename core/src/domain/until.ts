import { DoctorError } from '../errors/index.js';
import type { Clock } from './clock.js';

export interface UntilOptions {
  clock: Clock;
  /** What is awaited, for the error: `instance vm-1 to be ACTIVE`. */
  what: string;
  timeoutMs: number;
  /** Between two looks; default 100 ms. */
  intervalMs?: number;
  signal?: AbortSignal | undefined;
}

/**
 * Looks until `look` gives something other than undefined or false.
 * @throws DoctorError TIMEOUT that says what was awaited and what was last seen; the signal's reason when aborted
 */
export async function until<T>(
  look: () => Promise<T | undefined | false> | T | undefined | false,
  options: UntilOptions,
): Promise<T> {
  const { clock, what, timeoutMs, intervalMs = 100, signal } = options;
  const deadline = clock.monotonic() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const found = await look();
    if (found !== undefined && found !== false) return found;
    const left = deadline - clock.monotonic();
    if (left <= 0)
      throw new DoctorError('TIMEOUT', `waited ${timeoutMs} ms in vain for ${what}`, {
        details: { what, timeoutMs },
      });
    await clock.sleep(Math.min(intervalMs, left), signal);
  }
}
