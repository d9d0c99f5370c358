import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, TimerHandle } from '../domain/clock.js';

const handle = (timer: NodeJS.Timeout): TimerHandle => {
  const result: TimerHandle = {
    cancel: () => clearTimeout(timer),
    unref: () => {
      timer.unref();
      return result;
    },
  };
  return result;
};

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (callback, ms) => handle(setTimeout(callback, ms)),
  setInterval: (callback, ms) => handle(setInterval(callback, ms)),
  sleep: async (ms, signal) => {
    signal?.throwIfAborted();
    await sleep(ms, undefined, signal ? { signal } : {}).catch((error: unknown) => {
      throw signal?.aborted ? signal.reason : error;
    });
  },
};
