import type { CloudClock } from '../../cloud/clock.js';
import { DataSource, type DataSourceRecord, DoctorSource, newRecord } from './data-source.js';
import { checkRecord } from './drivers.js';
import { CongressError, internal } from './errors.js';
import { NovaSource } from './nova-source.js';
import { PolicyEngine } from './policy-engine.js';

export interface CongressCoreOptions {
  clock: CloudClock;
  log(event: string, detail: Record<string, unknown>): void;
}

/** Data sources and policies together: what changes in one sets off the actions of the other. */
export class CongressCore {
  readonly engine: PolicyEngine;
  readonly #sources = new Map<string, DataSource>();
  readonly #options: CongressCoreOptions;
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  constructor(options: CongressCoreOptions) {
    this.#options = options;
    this.engine = new PolicyEngine(() => this.#sources.values());
  }

  get sources(): DataSource[] {
    return [...this.#sources.values()];
  }

  /** By id or name. */
  source(idOrName: string): DataSource | undefined {
    return this.#sources.get(idOrName) ?? this.sources.find(({ record }) => record.name === idOrName);
  }

  /** @throws CongressError */
  addSource(body: unknown): DataSource {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) throw internal();
    const given = body as Record<string, unknown>;
    if (typeof given['name'] !== 'string') throw internal();
    const record = newRecord({
      name: given['name'],
      driver: (given['driver'] ?? null) as string,
      description: (given['description'] ?? null) as string | null,
      enabled: given['enabled'] !== false,
      config: (given['config'] ?? null) as DataSourceRecord['config'],
    });
    const driver = checkRecord(record);
    if (this.source(record.name))
      throw new CongressError(409, `Datasource already in use with name ${record.name}`);
    const source =
      driver.id === 'nova'
        ? new NovaSource(record, { ...this.#options, changed: () => this.changed() })
        : new DoctorSource(record, driver.tables);
    this.#sources.set(record.id, source);
    source.start();
    return source;
  }

  async removeSource(idOrName: string): Promise<void> {
    const source = this.source(idOrName);
    if (!source) throw new CongressError(400, `Datasource not found ${idOrName}`, 404);
    this.#sources.delete(source.record.id);
    await source.stop();
    this.changed();
  }

  push(source: DataSource, table: string, body: unknown): void {
    source.push(table, body);
    source.lastUpdated = new Date(this.#options.clock.now())
      .toISOString()
      .replace('T', ' ')
      .replace('Z', '000');
    this.changed();
  }

  /** Evaluates the policies and does what follows newly. The caller does not wait for the actions, as with the real one. */
  changed(): void {
    if (this.#stopped) return;
    for (const { source, action, args } of this.engine.newActions()) {
      const running = source.execute(action, args).finally(() => this.#running.delete(running));
      this.#running.add(running);
    }
  }

  /** Resolves when no action and no poll is under way. */
  async settled(): Promise<void> {
    await Promise.all(
      this.sources.map(async (source) => (source instanceof NovaSource ? source.settled() : undefined)),
    );
    await Promise.all(this.#running);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.sources.map((source) => source.stop()));
    await Promise.all(this.#running);
  }
}
