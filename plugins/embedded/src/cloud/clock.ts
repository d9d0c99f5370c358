/**
 * The time the embedded cloud lives in. Every timer of the cloud (boot, migration, latency, token expiry)
 * goes through it, so that a test drives hours in milliseconds.
 */
export interface CloudClock {
  /** Wall-clock time in ms since the epoch. */
  now(): number;
  /** Monotonic time in ms; only differences mean something. */
  monotonic(): number;
  /** Runs `fn` once after `ms` milliseconds. */
  setTimeout(fn: () => void, ms: number): unknown;
  /** Cancels a timer that {@link setTimeout} returned; an expired one is ignored. */
  clearTimeout(timer: unknown): void;
}

/** The machine's own time. */
export const systemClock: CloudClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (fn, ms) => setTimeout(fn, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};
