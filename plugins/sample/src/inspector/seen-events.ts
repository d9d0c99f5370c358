/** Remembers ids of the latest events, so that the same one is not handled twice. */
export class SeenEvents {
  #newer = new Set<string>();
  #older = new Set<string>();

  /** @param capacity ids that are remembered at least */
  constructor(readonly capacity = 50_000) {}

  /** @returns whether it was seen before */
  check(monitor: string, id: string): boolean {
    const key = `${monitor}\n${id}`;
    if (this.#newer.has(key) || this.#older.has(key)) return true;
    this.#newer.add(key);
    if (this.#newer.size >= this.capacity) {
      this.#older = this.#newer;
      this.#newer = new Set();
    }
    return false;
  }
}
