import type { Clock, TimerHandle } from '@nfv-doctor/core/plugin-api';
import type { NotifierConfig } from '../config.js';
import { Lane } from './lane.js';
import { type Delivery, type Outcome, Webhook } from './webhook.js';

/** How much the bodies of what waits may take in memory; what is beyond stays in the store until its turn comes. */
export interface MemoryBudget {
  left: number;
}

export interface QueueOwner {
  /** The body from the store; undefined when it is gone. */
  loadBody(id: string): Promise<string | undefined>;
  finished(delivery: Delivery, outcome: Outcome): void;
}

/** All deliveries to one consumer: bounded in number, in order for each alarm, held up by no other consumer. */
export class ConsumerQueue {
  readonly #webhook: Webhook;
  readonly #lanes = new Map<string, Lane>();
  readonly #ready: Lane[] = [];
  readonly #pauses = new Set<TimerHandle>();
  #next = 0;
  #active = 0;
  #waiting = 0;
  #closed = false;

  constructor(
    origin: string,
    readonly config: NotifierConfig,
    readonly clock: Clock,
    readonly owner: QueueOwner,
    readonly memory: MemoryBudget,
  ) {
    this.#webhook = new Webhook(origin, config, clock);
  }

  get size(): number {
    return this.#waiting;
  }

  add(delivery: Delivery): void {
    this.#waiting++;
    if (delivery.body && delivery.body.length > this.memory.left) delivery.body = undefined;
    this.memory.left -= delivery.body?.length ?? 0;
    let lane = this.#lanes.get(delivery.alarmId);
    if (!lane) this.#lanes.set(delivery.alarmId, (lane = new Lane(delivery.alarmId)));
    if (lane.push(delivery)) this.#makeReady(lane);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const pause of this.#pauses) pause.cancel();
    await this.#webhook.close();
  }

  #makeReady(lane: Lane): void {
    this.#ready.push(lane);
    this.#turn();
  }

  #turn(): void {
    while (!this.#closed && this.#active < this.config.concurrency && this.#next < this.#ready.length) {
      const lane = this.#ready[this.#next++];
      if (!lane) break;
      this.#active++;
      void this.#send(lane);
    }
    if (this.#next === this.#ready.length || this.#next > 1000) {
      this.#ready.splice(0, this.#next);
      this.#next = 0;
    }
  }

  async #send(lane: Lane): Promise<void> {
    const delivery = lane.first;
    delivery.attempts++;
    const outcome = await this.#attempt(delivery);
    this.#active--;
    if (this.#closed) return;
    const pause = outcome.result === 'retry' ? this.#pauseBefore(delivery, outcome.after) : undefined;
    if (pause === undefined) this.#done(lane, delivery, outcome);
    else this.#later(lane, pause);
    this.#turn();
  }

  async #attempt(delivery: Delivery): Promise<Outcome> {
    try {
      const body = delivery.body ?? (await this.owner.loadBody(delivery.id));
      if (body === undefined)
        return { result: 'refused', message: 'the notification is no longer in the store' };
      return await this.#webhook.post(delivery, body);
    } catch (error) {
      return { result: 'retry', message: error instanceof Error ? error.message : String(error) };
    }
  }

  /** undefined when the budget does not allow another attempt. */
  #pauseBefore(delivery: Delivery, wanted: number | undefined): number | undefined {
    const { retry_pause: first, retry_pause_limit: limit, delivery_budget: budget } = this.config;
    const longest = Math.min(first * 2 ** Math.min(delivery.attempts - 1, 30), limit);
    // half fixed, half random: consumers that failed together are not tried again together
    const pause = Math.max(longest / 2 + (Math.random() * longest) / 2, wanted ?? 0);
    return this.clock.now() + pause - delivery.createdAt > budget ? undefined : pause;
  }

  #later(lane: Lane, pause: number): void {
    const handle = this.clock.setTimeout(() => {
      this.#pauses.delete(handle);
      this.#makeReady(lane);
    }, pause);
    this.#pauses.add(handle.unref());
  }

  #done(lane: Lane, delivery: Delivery, outcome: Outcome): void {
    this.#waiting--;
    this.memory.left += delivery.body?.length ?? 0;
    if (lane.shift()) this.#ready.push(lane);
    else this.#lanes.delete(lane.alarmId);
    this.owner.finished(delivery, outcome);
  }
}
