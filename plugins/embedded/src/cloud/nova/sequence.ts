/** Items in the order of their number, newest last, with cheap paging from any of them. */
export class Sequence<T extends { readonly number: number }> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  add(item: T): void {
    const items = this.#items;
    const last = items.at(-1);
    if (last === undefined || last.number < item.number) items.push(item);
    else items.splice(this.#position(item.number), 0, item);
  }

  remove(item: T): void {
    const at = this.#position(item.number);
    if (this.#items[at] === item) this.#items.splice(at, 1);
  }

  /** Newest first; with `before`, only those older than that item. */
  *newestFirst(before?: T): Generator<T> {
    let at = before === undefined ? this.#items.length : this.#position(before.number);
    while (at > 0) {
      at -= 1;
      yield this.#items[at] as T;
    }
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#items[Symbol.iterator]();
  }

  /** Index of the first item whose number is not below. */
  #position(number: number): number {
    let [low, high] = [0, this.#items.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#items[middle] as T).number < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
