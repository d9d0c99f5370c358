/**
 * Group commit: what is added while a write is under way goes into the next one, so that one transaction serves many callers
 * and a lone caller does not wait.
 * @param write stores the items in one transaction
 * @param limit most items in one write
 */
export interface WriteBatch<T> {
  /** Resolves when the item is committed; rejects with the write's error. */
  add(item: T): Promise<void>;
  /** Resolves when nothing is left to write, whatever became of it. */
  idle(): Promise<void>;
}

interface Entry<T> {
  item: T;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** @see WriteBatch */
export function createWriteBatch<T>(write: (items: T[]) => Promise<void>, limit = 200): WriteBatch<T> {
  const queue: Entry<T>[] = [];
  let running: Promise<void> | undefined;

  const drain = async () => {
    // one turn of the event loop: events that came together are committed together
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) {
      const batch = queue.splice(0, limit);
      try {
        await write(batch.map(({ item }) => item));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
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
