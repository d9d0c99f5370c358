/**
 * Remembers at least the last `limit / 2` keys and at most `limit`. Two generations instead of deleting the oldest key each time:
 * a map that is deleted from at the rate at which it grows is rebuilt again and again, milliseconds each time.
 */
export class Recent<V = true> {
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  constructor(readonly limit: number) {}

  get(key: string): V | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  has(key: string): boolean {
    return this.#young.has(key) || this.#old.has(key);
  }

  set(key: string, value: V): void {
    if (this.#young.size >= this.limit / 2 && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  delete(key: string): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }
}
