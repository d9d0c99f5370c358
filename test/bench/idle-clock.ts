import type { Clock, TimerHandle } from '@nfv-doctor/core/plugin-api';

interface Timer {
  at: number;
  order: number;
  callback: () => void;
  everyMs?: number;
}

/** Real time in which nothing may happen before virtual time moves on, ms. */
const QUIET_MS = 8;

/**
 * A clock that stands still while anything happens in the process, and jumps to the next timer when nothing does: what
 * is measured is the time that the cloud and the workflow ask for, not what this machine takes for it.
 */
export class IdleClock implements Clock {
  #elapsed = 0;
  #order = 0;
  readonly #timers = new Set<Timer>();
  /** Resolves when helpers outside the event loop (the database's thread) have done what they were asked. */
  barrier: () => Promise<unknown> = async () => {};
  readonly #startAt = Date.UTC(2030, 0, 1);

  now = () => this.#startAt + this.#elapsed;
  monotonic = () => this.#elapsed;
  setTimeout = (callback: () => void, ms: number) => this.#add(callback, ms);
  setInterval = (callback: () => void, ms: number) => this.#add(callback, ms, Math.max(1, ms));

  sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const abort = () => {
        timer.cancel();
        reject(signal?.reason as Error);
      };
      const timer = this.#add(() => {
        signal?.removeEventListener('abort', abort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', abort, { once: true });
    });

  #add(callback: () => void, ms: number, everyMs?: number): TimerHandle {
    const timer: Timer = {
      at: this.#elapsed + Math.max(0, ms),
      order: this.#order++,
      callback,
      ...(everyMs === undefined ? {} : { everyMs }),
    };
    this.#timers.add(timer);
    const handle: TimerHandle = { cancel: () => void this.#timers.delete(timer), unref: () => handle };
    return handle;
  }

  /** Moves on until `promise` settles. */
  async run<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const done = promise.finally(() => {
      settled = true;
    });
    done.catch(() => {});
    while (!settled) {
      await this.barrier();
      if ((await quiet()) && !settled) this.#jump();
    }
    return done;
  }

  /** To the next moment at which something is due; all that is due then. */
  #jump(): void {
    const at = Math.min(...[...this.#timers].map((timer) => timer.at));
    if (!Number.isFinite(at)) return;
    this.#elapsed = Math.max(this.#elapsed, at);
    const due = [...this.#timers]
      .filter((timer) => timer.at <= this.#elapsed)
      .toSorted((a, b) => a.order - b.order);
    for (const timer of due) {
      if (!this.#timers.has(timer)) continue;
      if (timer.everyMs === undefined) this.#timers.delete(timer);
      else timer.at = this.#elapsed + timer.everyMs;
      timer.callback();
    }
  }
}

/** Whether the event loop had nothing to do for a while. */
async function quiet(): Promise<boolean> {
  const before = performance.eventLoopUtilization();
  await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  // events that came while the machine had no time for this process are seen in the next turns
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
  return performance.eventLoopUtilization(before).active < 0.8;
}
