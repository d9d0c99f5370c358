import { DoctorError, type FaultEvent, type Logger } from '@nfv-doctor/core/plugin-api';
import type { CongressClient, EventRow } from '../client.js';
import type { SetUp } from './set-up.js';

/** The rows of Congress' `events` table. Each push replaces them all, so the whole set is kept here. */
export class EventTable {
  readonly #rows = new Map<string, EventRow>();
  readonly #ours = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    readonly client: CongressClient,
    readonly setUp: SetUp,
    readonly log: Logger,
  ) {}

  /** Keeps the rows that others, or an earlier run, have put there. */
  async adopt(signal: AbortSignal): Promise<void> {
    this.#rows.clear();
    this.#ours.clear();
    for (const row of await this.client.events(this.setUp.source, signal)) this.#rows.set(keyOf(row), row);
  }

  has(event: FaultEvent): boolean {
    return this.#rows.has(keyOf(event));
  }

  /**
   * Adds the row of a fault. One that is there already is taken out before: Congress acts when a conclusion is new,
   * and a newer time alone makes none.
   */
  add(event: FaultEvent, signal?: AbortSignal): Promise<void> {
    const key = keyOf(event);
    return this.#inTurn(async () => {
      const old = this.#rows.get(key);
      if (old) {
        this.#rows.delete(key);
        await this.#push(signal).catch((error: unknown) => {
          this.#rows.set(key, old);
          throw error;
        });
      }
      this.#rows.set(key, rowOf(event));
      const wasOurs = this.#ours.has(key);
      this.#ours.add(key);
      await this.#push(signal).catch((error: unknown) => {
        this.#rows.delete(key);
        if (!wasOurs) this.#ours.delete(key);
        throw error;
      });
    });
  }

  /** Takes the row of a fault that is over out of the table. */
  remove(event: FaultEvent, signal?: AbortSignal): Promise<void> {
    const key = keyOf(event);
    return this.#inTurn(async () => {
      const old = this.#rows.get(key);
      if (!old) return;
      this.#rows.delete(key);
      await this.#push(signal).catch((error: unknown) => {
        this.#rows.set(key, old);
        throw error;
      });
      this.#ours.delete(key);
    });
  }

  /** Takes out all rows that were added here; the others stay. */
  clearOurs(signal: AbortSignal): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#ours.size === 0) return;
      for (const key of this.#ours) this.#rows.delete(key);
      await this.#push(signal);
      this.#ours.clear();
    });
  }

  async #push(signal?: AbortSignal): Promise<void> {
    const rows = [...this.#rows.values()];
    try {
      await this.client.putEvents(this.setUp.source, rows, signal);
    } catch (error) {
      if (!DoctorError.is(error) || error.code !== 'CLOUD_NOT_FOUND') throw error;
      this.log.warn(
        { event: 'congress.data_source_gone' },
        'somebody deleted the data source of the events: it is made again',
      );
      await this.setUp.findSource(signal);
      await this.client.putEvents(this.setUp.source, rows, signal);
    }
  }

  /** One push after the other: the last one to arrive must be the newest. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }
}

const keyOf = ({ type, details }: EventRow | FaultEvent) =>
  `${details.hostname}\n${type.replace(/\.(up|down)$/, '')}`;

function rowOf({ time, type, details }: FaultEvent): EventRow {
  const { hostname, status, monitor, monitor_event_id } = details;
  return { time, type, details: { hostname, status, monitor, monitor_event_id } };
}
