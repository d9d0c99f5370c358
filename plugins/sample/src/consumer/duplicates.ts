/** Remembers the last keys seen, a bounded number of them, the oldest forgotten first. */
export class Duplicates {
  readonly #seen = new Set<string>();

  constructor(readonly limit = 100_000) {}

  /** Whether the key was seen before; from now on it was. */
  seen(key: string): boolean {
    if (this.#seen.has(key)) return true;
    this.#seen.add(key);
    if (this.#seen.size > this.limit) {
      const [oldest] = this.#seen;
      if (oldest !== undefined) this.#seen.delete(oldest);
    }
    return false;
  }
}
