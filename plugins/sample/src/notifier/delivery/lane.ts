import type { Delivery } from './webhook.js';

/** Deliveries of one alarm to one consumer: one after another, so that `ok` never overtakes `alarm`. */
export class Lane {
  readonly #queue: Delivery[] = [];

  constructor(readonly alarmId: string) {}

  /** @returns whether the lane was empty: it is to be made ready */
  push(delivery: Delivery): boolean {
    return this.#queue.push(delivery) === 1;
  }

  get first(): Delivery {
    const [first] = this.#queue;
    if (!first) throw new Error('an empty lane has no first delivery');
    return first;
  }

  /** Takes the first one away. @returns whether there is another */
  shift(): boolean {
    this.#queue.shift();
    return this.#queue.length > 0;
  }
}
