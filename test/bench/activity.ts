import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Worker } from 'node:worker_threads';

/** Requests of the operating system that are under way: files, connections, names, writes. */
const SYSTEM_REQUEST = /Req|ConnectWrap|WriteWrap|ShutdownWrap/;

type Listener = (message: unknown) => void;

/**
 * Knows whether anything is under way that this process waits for: HTTP requests, queries of the database's thread, files.
 * It counts what has begun and not ended, so it does not depend on how much of the machine this process gets.
 */
export class Activity {
  /** Grows with everything that begins. */
  begun = 0;
  readonly #requests = new Set<unknown>();
  readonly #queries = new Set<string>();
  readonly #undo: (() => void)[] = [];

  start(): void {
    const begin = (key: string) => this.#on(key, (each) => this.#begin(each));
    const end = (key: string) => this.#on(key, (each) => void this.#requests.delete(each));
    begin('http.server.request.start');
    end('http.server.response.finish');
    begin('http.client.request.start');
    end('http.client.response.finish');
    end('http.client.request.error');
    begin('undici:request:create');
    end('undici:request:trailers');
    end('undici:request:error');
    this.#watchThreads();
  }

  stop(): void {
    for (const undo of this.#undo.splice(0)) undo();
    this.#requests.clear();
    this.#queries.clear();
  }

  get busy(): boolean {
    return (
      this.#requests.size > 0 ||
      this.#queries.size > 0 ||
      process.getActiveResourcesInfo().some((name) => SYSTEM_REQUEST.test(name))
    );
  }

  /** What is under way, for messages. */
  get description(): string {
    const resources = process.getActiveResourcesInfo().filter((name) => SYSTEM_REQUEST.test(name));
    return `${this.#requests.size} HTTP requests, ${this.#queries.size} queries, ${resources.join(' ') || 'no files'}`;
  }

  #begin(each: unknown): void {
    this.begun++;
    this.#requests.add(each);
  }

  #on(channel: string, act: (request: unknown) => void): void {
    const listener: Listener = (message) => act((message as { request: unknown }).request);
    subscribe(channel, listener);
    this.#undo.push(() => void unsubscribe(channel, listener));
  }

  /** A query is a message with an id, its answer one with the same id. */
  #watchThreads(): void {
    const numbers = new WeakMap<Worker, number>();
    let last = 0;
    const { begun, numberOf } = {
      begun: (key: string) => {
        this.begun++;
        this.#queries.add(key);
      },
      numberOf: (worker: Worker) => {
        const known = numbers.get(worker);
        if (known !== undefined) return known;
        const number = ++last;
        numbers.set(worker, number);
        worker.on(
          'message',
          (answer: { id?: number }) => void this.#queries.delete(`${number} ${answer?.id}`),
        );
        worker.on('exit', () => {
          for (const key of this.#queries) if (key.startsWith(`${number} `)) this.#queries.delete(key);
        });
        return number;
      },
    };
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (this: Worker, value: unknown, ...more: never[]) {
      const { id, op } = (value ?? {}) as { id?: number; op?: string };
      if (id !== undefined && op !== undefined) begun(`${numberOf(this)} ${id}`);
      return post.call(this, value, ...more);
    } as typeof post;
    this.#undo.push(() => {
      Worker.prototype.postMessage = post;
    });
  }
}
