import { Order } from './actions-context.js';
import type { CheckedEvent } from './events.js';
import type { FaultRecord } from './fault-record.js';
import type { FaultRun } from './fault-run.js';

/** Faults of a host as such, and of its network interfaces, are told apart. */
export type FaultKind = 'host' | 'nic';
export const kindOf = (type: string): FaultKind => (type.startsWith('compute.host.nic.') ? 'nic' : 'host');

/** What the inspector knows about one kind of fault of one host. */
export class HostWatch {
  /** As the events say; what is done about it may lag behind (maintenance, brake). */
  down = false;
  /** The fault that is held or active. */
  record: FaultRecord | undefined;
  run: FaultRun | undefined;
  /** The fault before, for evidence and for what it did not take back yet. */
  last: FaultRecord | undefined;
  lastRun: FaultRun | undefined;
  readonly order = new Order();
  #lastAt = Number.NEGATIVE_INFINITY;
  readonly #lastBy = new Map<string, number>();

  constructor(
    readonly hostname: string,
    readonly kind: FaultKind,
  ) {}

  /**
   * Whether a later event was heeded. When several monitors must agree, each is compared with itself:
   * they see the same fault at different moments.
   */
  isStale(event: CheckedEvent, perMonitor: boolean): boolean {
    const last = perMonitor ? this.#lastBy.get(event.monitor) : this.#lastAt;
    return last !== undefined && event.at < last;
  }
  heed(event: CheckedEvent, perMonitor: boolean): void {
    this.restoreLast(event.at);
    if (perMonitor) this.#lastBy.set(event.monitor, event.at);
  }
  restoreLast(at: number): void {
    this.#lastAt = Math.max(this.#lastAt, at);
  }
}
