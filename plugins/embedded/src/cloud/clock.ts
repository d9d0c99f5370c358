/** A pending timer. */
export interface CloudTimer {
  /** Cancels it; an expired one is ignored. */
  cancel(): void;
}

/**
 * The time the embedded cloud lives in: the part it uses of Doctor's `Clock`. Every timer of the cloud (boot,
 * migration, latency, token expiry) goes through it, so that a test drives hours in milliseconds.
 */
export interface CloudClock {
  /** Wall-clock time in ms since the epoch. */
  now(): number;
  /** Monotonic time in ms; only differences mean something. */
  monotonic(): number;
  /** Runs `callback` once after `ms` milliseconds. */
  setTimeout(callback: () => void, ms: number): CloudTimer;
}

/** The machine's own time. */
export const systemClock: CloudClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (callback, ms) => {
    const timer = setTimeout(callback, ms);
    return { cancel: () => clearTimeout(timer) };
  },
};
