import type { Clock, TimerHandle } from '../domain/clock.js';

interface Timer {
  at: number;
  order: number;
  callback: () => void;
  intervalMs?: number;
}

/** A clock that stands still until told: tests run sessions of hours in milliseconds. */
export interface VirtualClock extends Clock {
  /** Moves on by `ms`, calling the timers that fall due in order, and letting promises settle after each. */
  advance(ms: number): Promise<void>;
  /** Moves from timer to timer until `promise` settles. Real I/O (loopback HTTP) is given time to happen in between. */
  runUntil<T>(promise: Promise<T>, options?: { limitMs?: number }): Promise<T>;
  /** Timers that wait. */
  readonly pending: number;
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** @param startAt wall-clock time it begins at, ms since the epoch */
export function createVirtualClock(startAt = Date.UTC(2030, 0, 1)): VirtualClock {
  let elapsed = 0;
  let order = 0;
  const timers = new Set<Timer>();

  const add = (callback: () => void, ms: number, intervalMs?: number): TimerHandle => {
    const timer: Timer = {
      at: elapsed + Math.max(0, ms),
      order: order++,
      callback,
      ...(intervalMs === undefined ? {} : { intervalMs }),
    };
    timers.add(timer);
    const result: TimerHandle = { cancel: () => void timers.delete(timer), unref: () => result };
    return result;
  };
  const next = () => {
    let first: Timer | undefined;
    for (const timer of timers)
      if (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order))
        first = timer;
    return first;
  };
  const fire = (timer: Timer) => {
    elapsed = Math.max(elapsed, timer.at);
    if (timer.intervalMs === undefined) timers.delete(timer);
    else {
      timer.at += Math.max(1, timer.intervalMs);
      timer.order = order++;
    }
    timer.callback();
  };

  return {
    now: () => startAt + elapsed,
    monotonic: () => elapsed,
    setTimeout: (callback, ms) => add(callback, ms),
    setInterval: (callback, ms) => add(callback, ms, ms),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const abort = () => {
          timer.cancel();
          reject(signal?.reason);
        };
        const timer = add(() => {
          signal?.removeEventListener('abort', abort);
          resolve();
        }, ms);
        signal?.addEventListener('abort', abort, { once: true });
      }),
    async advance(ms) {
      const end = elapsed + ms;
      await settle();
      for (let timer = next(); timer && timer.at <= end; timer = next()) {
        fire(timer);
        await settle();
      }
      elapsed = end;
      await settle();
    },
    async runUntil(promise, { limitMs = 24 * 3_600_000 } = {}) {
      let done = false;
      const finished = promise.finally(() => {
        done = true;
      });
      finished.catch(() => {});
      const end = elapsed + limitMs;
      let idle = 0;
      while (!done) {
        await settle();
        if (done) break;
        // real I/O gets a few turns of the event loop before time moves on
        if (idle++ < 20) continue;
        idle = 0;
        const timer = next();
        if (!timer) {
          await new Promise((resolve) => setTimeout(resolve, 1));
          continue;
        }
        if (timer.at > end) throw new Error(`virtual clock: nothing settled within ${limitMs} ms`);
        fire(timer);
      }
      return finished;
    },
    get pending() {
      return timers.size;
    },
  };
}
