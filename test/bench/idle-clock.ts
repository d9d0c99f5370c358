import type { Clock, TimerHandle } from '@nfv-doctor/core/plugin-api';
import { Activity } from './activity.js';

interface Timer {
  at: number;
  order: number;
  callback: () => void;
  everyMs?: number;
}

/** Short real timers (batches that wait for more) that began before have fired when one of this length has, ms. */
const LINGER_MS = 10;
/** Turns of the event loop in which what has ended is acted on. */
const TURNS = 20;
/** Real time after which something that is under way must be waiting for virtual time, ms. */
const STUCK_MS = 60_000;

/**
 * A clock that stands still while anything is under way in the process, and jumps to the next timer when nothing is: what
 * is measured is the time that the cloud and the workflow ask for, not what this machine takes for it.
 */
export class IdleClock implements Clock {
  #elapsed = 0;
  #order = 0;
  readonly #timers = new Set<Timer>();
  readonly #activity = new Activity();
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
    this.#activity.start();
    try {
      while (!settled) if ((await this.#idle()) && !settled) this.#jump();
    } finally {
      this.#activity.stop();
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

  /** Whether nothing is under way, and nothing begins by itself. */
  async #idle(): Promise<boolean> {
    const activity = this.#activity;
    const since = performance.now();
    while (activity.busy) {
      await pause(1);
      if (performance.now() - since > STUCK_MS)
        throw new Error(`virtual time stands still, but this does not end: ${activity.description}`);
    }
    const { begun } = activity;
    const changed = () => activity.busy || activity.begun !== begun;
    for (let turn = 0; turn < TURNS; turn++) {
      // half of the turns come after the short timers
      await (turn === TURNS / 2 ? pause(LINGER_MS) : new Promise((resolve) => setImmediate(resolve)));
      if (changed()) return false;
    }
    return true;
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
