import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import type { EventBus, RecordedEvent } from '../bus/index.js';

/**
 * Writes every event to a file, one JSON object a line, as they happen. Events of one turn of the event loop
 * go out in one write, at its end; so at most that turn is lost when the process is killed. A file that cannot be written
 * any more (a full disk) takes nothing down: what was begun must be cleaned up all the same; `failure` tells it then.
 */
export class EventLog {
  readonly #file: number;
  #buffer: string[] = [];
  #scheduled = false;
  #closed = false;
  #failure: NodeJS.ErrnoException | undefined;
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
    if (this.#closed || this.#failure) return;
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
    try {
      writeSync(this.#file, text);
    } catch (error) {
      this.#failure = error as NodeJS.ErrnoException;
    }
  }

  /** Why events are missing; undefined when none are. */
  get failure(): NodeJS.ErrnoException | undefined {
    return this.#failure;
  }

  close(): void {
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    process.off('exit', this.#flushOnExit);
    try {
      fsyncSync(this.#file);
    } catch (error) {
      this.#failure ??= error as NodeJS.ErrnoException;
    }
    closeSync(this.#file);
  }
}
