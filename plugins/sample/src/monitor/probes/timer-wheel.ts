import type { Clock, TimerHandle } from '@nfv-doctor/core/plugin-api';

/** Something that is due at a moment; in one wheel once at a time. */
export interface WheelEntry {
  /** Number of the tick it is due at; -1: not at all. Set by the wheel. */
  tick: number;
}

/**
 * Thousands of deadlines behind one timer: they are rounded up to ticks, and the timer fires for a tick
 * that has something. Scheduling anew or dropping an entry costs nothing.
 */
export class TimerWheel<Entry extends WheelEntry> {
  readonly #slots: Entry[][];
  readonly #zero: number;
  #next = 0;
  #timer: TimerHandle | undefined;
  #armedFor = Number.POSITIVE_INFINITY;
  #entries = 0;
  /** How often the timer fired. */
  wakeUps = 0;

  /**
   * @param tickMs resolution
   * @param due gets the entries of one tick, and by how many ms the timer came late
   */
  constructor(
    readonly clock: Clock,
    readonly tickMs: number,
    readonly due: (entries: Entry[], lateMs: number) => void,
    slots = 256,
  ) {
    this.#slots = Array.from({ length: slots }, () => []);
    this.#zero = clock.monotonic();
  }

  /** Due at the monotonic moment `at`, at the earliest with the next tick. */
  schedule(entry: Entry, at: number): void {
    const tick = Math.max(this.#next, Math.ceil((at - this.#zero) / this.tickMs));
    if (entry.tick < 0) this.#entries++;
    entry.tick = tick;
    this.#slots[tick % this.#slots.length]!.push(entry);
    this.#arm(tick);
  }
  drop(entry: Entry): void {
    if (entry.tick < 0) return;
    entry.tick = -1;
    this.#entries--;
  }
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#armedFor = Number.NEGATIVE_INFINITY;
  }

  #arm(tick: number): void {
    if (tick >= this.#armedFor) return;
    this.#timer?.cancel();
    this.#armedFor = tick;
    const wait = this.#zero + tick * this.tickMs - this.clock.monotonic();
    this.#timer = this.clock.setTimeout(() => this.#fire(), Math.max(0, wait));
  }

  #fire(): void {
    this.wakeUps++;
    this.#armedFor = Number.POSITIVE_INFINITY;
    const now = this.clock.monotonic();
    // timers may come a fraction of a millisecond early
    const until = Math.floor((now - this.#zero + 0.6) / this.tickMs);
    const entries: Entry[] = [];
    let first = Number.POSITIVE_INFINITY;
    const passed = Math.min(until - this.#next + 1, this.#slots.length);
    for (let offset = 0; offset < passed; offset++) {
      const index = (this.#next + offset) % this.#slots.length;
      const slot = this.#slots[index]!;
      if (slot.length === 0) continue;
      this.#slots[index] = slot.filter((entry) => {
        if (entry.tick < 0) return false;
        if (entry.tick > until) return entry.tick % this.#slots.length === index;
        first = Math.min(first, entry.tick);
        entry.tick = -1;
        this.#entries--;
        entries.push(entry);
        return false;
      });
    }
    this.#next = Math.max(this.#next, until + 1);
    if (entries.length > 0) this.due(entries, Math.max(0, now - (this.#zero + first * this.tickMs)));
    this.#armNext();
  }

  /** For the first tick ahead that has an entry. */
  #armNext(): void {
    if (this.#entries === 0) return;
    for (let offset = 0; offset < this.#slots.length; offset++) {
      const tick = this.#next + offset;
      if (this.#slots[tick % this.#slots.length]!.some((entry) => entry.tick === tick))
        return this.#arm(tick);
    }
    // everything is further away than one turn of the wheel
    this.#arm(this.#next + this.#slots.length - 1);
  }
}
