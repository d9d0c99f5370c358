/**
 * Time as every part of Doctor sees it. Injected, so that tests run sessions of hours in milliseconds.
 * All stamps of one process come from one monotonic clock.
 */
export interface Clock {
  /** Wall-clock time, milliseconds since the epoch (UTC). For deadlines that are told to others. */
  now(): number;
  /** Monotonic time in milliseconds with fractions; its zero is arbitrary. For stamps and intervals. */
  monotonic(): number;
  /** Calls `callback` once after `ms` milliseconds. */
  setTimeout(callback: () => void, ms: number): TimerHandle;
  /** Calls `callback` every `ms` milliseconds. */
  setInterval(callback: () => void, ms: number): TimerHandle;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it is aborted before. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A timer that can be cancelled; `unref` lets the process end although it is pending. */
export interface TimerHandle {
  cancel(): void;
  unref(): TimerHandle;
}
