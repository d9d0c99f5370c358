import type { CloudClock, CloudTimer } from '../clock.js';

/** Timers that end with the cloud. */
export class Timers {
  readonly #clock: CloudClock;
  readonly #pending = new Set<CloudTimer>();
  #stopped = false;

  constructor(clock: CloudClock) {
    this.#clock = clock;
  }

  /** Runs `work` once after `ms`, unless the cloud stops before. */
  after(ms: number, work: () => void): void {
    if (this.#stopped) return;
    const timer: CloudTimer = this.#clock.setTimeout(() => {
      this.#pending.delete(timer);
      work();
    }, ms);
    this.#pending.add(timer);
  }

  /** Cancels all; later ones are not started. */
  stop(): void {
    this.#stopped = true;
    for (const timer of this.#pending) timer.cancel();
    this.#pending.clear();
  }
}
