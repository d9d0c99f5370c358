import { DoctorError } from '../errors/index.js';

/**
 * Group commit: what is added while a write is under way goes into the next one, so that one transaction serves many callers
 * and a lone caller does not wait.
 * @param write stores the items in one transaction
 * @param options.limit most items in one write; default 200
 * @param options.lingerMs how long a first item waits for others, where its caller does not wait for it; default: one turn of
 * the event loop
 */
export interface WriteBatch<T> {
  /** Resolves when the item is committed; rejects with the write's error. */
  add(item: T): Promise<void>;
  /** Resolves when nothing is left to write, whatever became of it. */
  idle(): Promise<void>;
}

const pause = (ms: number) =>
  new Promise<void>((resolve) => void (ms > 0 ? setTimeout(resolve, ms) : setImmediate(resolve)));

interface Entry<T> {
  item: T;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** @see WriteBatch */
export function createWriteBatch<T>(
  write: (items: T[]) => Promise<void>,
  { limit = 200, lingerMs = 0 }: { limit?: number; lingerMs?: number } = {},
): WriteBatch<T> {
  const queue: Entry<T>[] = [];
  let running: Promise<void> | undefined;

  const attempt = async (batch: Entry<T>[]): Promise<void> => {
    try {
      await write(batch.map(({ item }) => item));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      // one item that cannot be stored must not take the others with it; a database that cannot be written does
      if (batch.length > 1 && !(DoctorError.is(error) && error.retryable))
        for (const entry of batch) await attempt([entry]);
      else for (const { reject } of batch) reject(error);
    }
  };

  const drain = async () => {
    while (queue.length > 0) {
      // events that came together are committed together
      if (queue.length < limit) await pause(lingerMs);
      await attempt(queue.splice(0, limit));
    }
    running = undefined;
  };

  return {
    add: (item) =>
      new Promise<void>((resolve, reject) => {
        queue.push({ item, resolve, reject });
        running ??= drain();
      }),
    async idle() {
      while (running) await running;
    },
  };
}
