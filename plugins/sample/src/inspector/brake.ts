import type { Clock } from '@nfv-doctor/core/plugin-api';

export interface BrakeOptions {
  /** More hosts than this within the window are a storm; 0: no brake. */
  maxHostsDown: number;
  windowMs: number;
}

/**
 * When many hosts vanish at once, the observer (its network, a switch) is the first suspect.
 * Hosts that go down during a storm are held until so many have come back that the limit is kept again.
 */
export class Brake {
  /** Hosts that went down lately (with the moment), or in the storm that is on. */
  readonly #recent = new Map<string, number>();
  #storm = false;

  constructor(
    readonly options: BrakeOptions,
    readonly clock: Clock,
  ) {}

  get storm(): boolean {
    return this.#storm;
  }

  /** A host went down. @returns whether it may be acted upon */
  down(hostname: string): boolean {
    const { maxHostsDown, windowMs } = this.options;
    if (maxHostsDown <= 0) return true;
    const now = this.clock.monotonic();
    if (!this.#storm)
      for (const [host, at] of this.#recent) {
        // in order of time: the first young one ends the search
        if (now - at <= windowMs) break;
        this.#recent.delete(host);
      }
    this.#recent.delete(hostname);
    this.#recent.set(hostname, now);
    if (this.#recent.size > maxHostsDown) this.#storm = true;
    return !this.#storm;
  }

  /** A host came back. @returns whether this ended a storm */
  up(hostname: string): boolean {
    this.#recent.delete(hostname);
    if (!this.#storm || this.#recent.size > this.options.maxHostsDown) return false;
    this.#storm = false;
    return true;
  }

  /** For the evidence. */
  describe(): string {
    return `more than ${this.options.maxHostsDown} hosts down within ${this.options.windowMs} ms`;
  }
}
