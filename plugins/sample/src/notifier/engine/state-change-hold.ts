import type { Clock, TimerHandle } from '@nfv-doctor/core/plugin-api';
import { Recent } from './recent.js';

interface Held {
  release: () => void;
  timer: TimerHandle;
}

/** Keeps back what waits for the cloud's own change of an instance's state. */
export class StateChangeHold {
  readonly #held = new Map<string, Held[]>();
  /** Instances whose change was confirmed before the shortcut's notification came, with the moment. */
  readonly #confirmed = new Recent<number>(100_000);

  constructor(
    readonly clock: Clock,
    readonly timeoutMs: number,
  ) {}

  /** Calls `release` once the change is confirmed, at the latest after the time-out. */
  hold(instanceId: string, release: () => void): void {
    const confirmed = this.#confirmed.get(instanceId);
    if (confirmed !== undefined && this.clock.monotonic() - confirmed < this.timeoutMs) return release();
    const held = this.#held.get(instanceId) ?? [];
    this.#held.set(instanceId, held);
    const entry: Held = {
      release,
      timer: this.clock.setTimeout(() => {
        this.#forget(instanceId, entry);
        release();
      }, this.timeoutMs),
    };
    held.push(entry);
  }

  /** The cloud's state says error. */
  confirm(instanceId: string): void {
    this.#confirmed.set(instanceId, this.clock.monotonic());
    const held = this.#held.get(instanceId) ?? [];
    this.#held.delete(instanceId);
    for (const { timer, release } of held) {
      timer.cancel();
      release();
    }
  }

  /** The instance is well again: a later fault needs a confirmation of its own. */
  withdraw(instanceId: string): void {
    this.#confirmed.delete(instanceId);
  }

  /** Forgets all without releasing: they stay owed. */
  close(): void {
    for (const held of this.#held.values()) for (const { timer } of held) timer.cancel();
    this.#held.clear();
  }

  #forget(instanceId: string, entry: Held): void {
    const left = (this.#held.get(instanceId) ?? []).filter((each) => each !== entry);
    if (left.length > 0) this.#held.set(instanceId, left);
    else this.#held.delete(instanceId);
  }
}
