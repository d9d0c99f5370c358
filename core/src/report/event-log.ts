import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import type { EventBus, RecordedEvent } from '../bus/index.js';

/**
 * Writes every event to a file, one JSON object a line, as they happen. Events of one turn of the event loop
 * go out in one write, at its end; so at most that turn is lost when the process is killed.
 */
export class EventLog {
  readonly #file: number;
  #buffer: string[] = [];
  #scheduled = false;
  #closed = false;
  readonly #flushOnExit = () => this.#flush();

  constructor(path: string) {
    this.#file = openSync(path, 'a');
    process.on('exit', this.#flushOnExit);
  }

  /** @param label added to each event: the scenario, where several write to one file */
  attach(events: EventBus, label: Record<string, unknown> = {}): () => void {
    return events.onAny((event) => this.write({ ...label, ...event } as RecordedEvent));
  }

  write(event: RecordedEvent): void {
    if (this.#closed) return;
    this.#buffer.push(`${JSON.stringify(event)}\n`);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    if (this.#buffer.length === 0 || this.#closed) return;
    const text = this.#buffer.join('');
    this.#buffer = [];
    writeSync(this.#file, text);
  }

  close(): void {
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    process.off('exit', this.#flushOnExit);
    fsyncSync(this.#file);
    closeSync(this.#file);
  }
}
