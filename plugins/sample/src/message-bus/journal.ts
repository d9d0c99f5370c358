import type { Notification } from '@nfv-doctor/core/plugin-api';

/** A line of the stream to a joined process. */
export interface JournalLine {
  /** Rises by one with each notification. */
  sequence: number;
  notification: Notification;
}

/** The last notifications, for those who join again. */
export class Journal {
  readonly #lines: JournalLine[] = [];
  #sequence = 0;

  constructor(readonly limit: number) {}

  get last(): number {
    return this.#sequence;
  }

  add(notification: Notification): JournalLine {
    const line = { sequence: ++this.#sequence, notification };
    this.#lines.push(line);
    // trimmed in bulk: shifting one by one moves the whole array each time
    if (this.#lines.length > this.limit * 2) this.#lines.splice(0, this.#lines.length - this.limit);
    return line;
  }

  after(sequence: number): JournalLine[] {
    return this.#lines.filter((line) => line.sequence > sequence);
  }
}
