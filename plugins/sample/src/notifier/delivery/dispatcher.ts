import type { Clock } from '@nfv-doctor/core/plugin-api';
import type { NotifierConfig } from '../config.js';
import { ConsumerQueue, type QueueOwner } from './consumer-queue.js';
import type { Delivery } from './webhook.js';

/** Consumers that nothing is owed to keep their connections; more than this many are closed. */
const IDLE_CONSUMERS = 1000;

/** Characters of all bodies that wait. */
const MEMORY = 64 * 1024 * 1024;

/** Hands each delivery to the queue of its consumer. */
export class Dispatcher {
  readonly #memory = { left: MEMORY };
  readonly #queues = new Map<string, ConsumerQueue>();

  constructor(
    readonly config: NotifierConfig,
    readonly clock: Clock,
    readonly owner: QueueOwner,
  ) {}

  add(delivery: Delivery): void {
    const origin = originOf(delivery.url);
    let queue = this.#queues.get(origin);
    if (!queue) {
      this.#closeIdle();
      queue = new ConsumerQueue(origin, this.config, this.clock, this.owner, this.#memory);
      this.#queues.set(origin, queue);
    }
    queue.add(delivery);
  }

  /** Deliveries that wait or are under way. */
  get pending(): number {
    let sum = 0;
    for (const queue of this.#queues.values()) sum += queue.size;
    return sum;
  }

  async close(): Promise<void> {
    const queues = [...this.#queues.values()];
    this.#queues.clear();
    await Promise.all(queues.map((queue) => queue.close()));
  }

  #closeIdle(): void {
    if (this.#queues.size < IDLE_CONSUMERS) return;
    for (const [origin, queue] of this.#queues) {
      if (queue.size > 0) continue;
      this.#queues.delete(origin);
      void queue.close();
    }
  }
}

const origins = new Map<string, string>();

/** Parsing a URL costs more than all the rest of queueing it. */
function originOf(url: string): string {
  let origin = origins.get(url);
  if (origin === undefined) {
    origin = new URL(url).origin;
    if (origins.size > 10_000) origins.clear();
    origins.set(url, origin);
  }
  return origin;
}
