import type { CloudClock } from '../clock.js';
import { isoSeconds } from '../time.js';

/** A resource of Neutron: kept in the shape in which the API gives it. */
export interface Resource {
  id: string;
  name: string;
  tenant_id: string;
  project_id: string;
  description: string;
  tags: string[];
  created_at: string;
  updated_at: string;
  revision_number: number;
  [field: string]: unknown;
}

const NONE: ReadonlySet<unknown> = new Set();

/** The resources of one kind, with indexes on the fields that lists are asked by. */
export class Collection<T extends Resource = Resource> {
  readonly #items = new Map<string, T>();
  readonly #indexes: Map<string, Map<unknown, Set<T>>>;
  readonly #clock: CloudClock;

  constructor(clock: CloudClock, indexed: readonly string[] = []) {
    this.#clock = clock;
    this.#indexes = new Map(['project_id', 'name', ...indexed].map((field) => [field, new Map()]));
  }

  get(id: string): T | undefined {
    return this.#items.get(id);
  }

  values(): Iterable<T> {
    return this.#items.values();
  }

  get size(): number {
    return this.#items.size;
  }

  /** Those whose indexed field has the value. */
  by(field: string, value: unknown): ReadonlySet<T> {
    return this.#indexes.get(field)?.get(value) ?? (NONE as ReadonlySet<T>);
  }

  /** Whether lists by this field need no scan. */
  isIndexed(field: string): boolean {
    return this.#indexes.has(field);
  }

  add(item: T): T {
    this.#items.set(item.id, item);
    for (const [field, index] of this.#indexes) put(index, item[field], item);
    return item;
  }

  /** Changes fields; counts the revision and the time of the update. */
  update(item: T, fields: Partial<T>): T {
    for (const [field, index] of this.#indexes) {
      if (!(field in fields) || fields[field] === item[field]) continue;
      index.get(item[field])?.delete(item);
      put(index, fields[field], item);
    }
    Object.assign(item, fields);
    item.revision_number += 1;
    item.updated_at = isoSeconds(this.#clock.now());
    return item;
  }

  remove(item: T): void {
    this.#items.delete(item.id);
    for (const [field, index] of this.#indexes) {
      const set = index.get(item[field]);
      set?.delete(item);
      if (set?.size === 0) index.delete(item[field]);
    }
  }
}

function put<T>(index: Map<unknown, Set<T>>, value: unknown, item: T): void {
  const set = index.get(value);
  if (set === undefined) index.set(value, new Set([item]));
  else set.add(item);
}
