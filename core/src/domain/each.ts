/**
 * Runs `work` for every item, at most `limit` at once, in order of the items. Waits for all that were begun, then
 * throws the first error; after an error, or when `signal` is aborted, no further item is begun.
 * @returns the results, in order of the items
 */
export async function mapBounded<T, R>(
  items: Iterable<T>,
  limit: number,
  work: (item: T, index: number) => Promise<R>,
  signal?: AbortSignal,
): Promise<R[]> {
  const results: R[] = [];
  const iterator = items[Symbol.iterator]();
  let index = 0;
  let failure: { error: unknown } | undefined;
  const worker = async () => {
    for (let next = iterator.next(); !next.done && !failure; next = iterator.next()) {
      const at = index++;
      try {
        signal?.throwIfAborted();
        results[at] = await work(next.value, at);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, limit) }, worker));
  if (failure) throw failure.error;
  return results;
}
