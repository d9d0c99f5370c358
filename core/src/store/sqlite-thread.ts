import { Worker } from 'node:worker_threads';
import type { SqliteAnswer, SqliteRequest, SqliteResult } from './sqlite-protocol.js';

type Call = SqliteRequest extends infer R ? (R extends unknown ? Omit<R, 'id'> : never) : never;
interface Waiting {
  resolve: (result: SqliteResult) => void;
  reject: (error: Error) => void;
}

/**
 * All SQLite files of a store, in a thread of their own: libsql is synchronous, and a checkpoint that waits for the disk
 * would otherwise stop the event loop for tens of milliseconds.
 */
export class SqliteThread {
  #worker: Worker | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #lastDatabase = 0;

  async open(file: string): Promise<number> {
    const database = ++this.#lastDatabase;
    await this.#call({ op: 'open', database, file });
    return database;
  }

  query(database: number, sql: string, parameters: readonly unknown[]): Promise<SqliteResult> {
    return this.#call({ op: 'query', database, sql, parameters });
  }

  async closeDatabase(database: number): Promise<void> {
    await this.#call({ op: 'close', database });
  }

  /** Ends the thread; nothing may be waited for any more. */
  async end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #call(call: Call): Promise<SqliteResult> {
    const worker = (this.#worker ??= this.#start());
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      // only a query under way keeps the process alive
      if (this.#waiting.size === 1) worker.ref();
      try {
        worker.postMessage({ ...call, id });
      } catch (error) {
        this.#take(id);
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL('./sqlite-worker.js', import.meta.url), {
      name: 'sqlite',
      execArgv: [],
    });
    worker.unref();
    worker.on('message', (answer: SqliteAnswer) => {
      const waiting = this.#take(answer.id);
      if ('result' in answer) waiting?.resolve(answer.result);
      else waiting?.reject(Object.assign(new Error(answer.error.message), { code: answer.error.code }));
    });
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', () => this.#fail(new Error('the database thread ended')));
    return worker;
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#worker?.unref();
    return waiting;
  }

  #fail(error: Error): void {
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
