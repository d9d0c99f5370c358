import type { Clock, HostMessage, Kysely, Logger, Store, TimerHandle } from '@nfv-doctor/core/plugin-api';
import type { FaultRecord } from './fault-record.js';

interface Schema {
  fault: {
    fault_id: string;
    hostname: string;
    type: string;
    phase: string;
    /** ms since the epoch. */
    last_event_at: number;
    updated_at: number;
    /** FaultRecord as JSON. */
    body: string;
  };
  maintenance: { hostname: string; state: string; session_id: string; project_id: string; at: number };
}

export interface HostMaintenance {
  message: HostMessage;
  /** Time of the message by its sender's clock, ms since the epoch. */
  at: number;
}

interface Waiting {
  record: FaultRecord;
  written: (() => void)[];
}

/** Cleared faults that are kept for queries. */
const HISTORY = 10_000;
const ROWS_PER_INSERT = 500;
const SOON_MS = 200;

/**
 * What must survive a restart: faults with what was done about them, and hosts in maintenance.
 * Writes of one turn of the event loop go in one statement.
 */
export class FaultStore {
  #waiting = new Map<string, Waiting>();
  #flushing: Promise<void> | undefined;
  #sincePrune = 0;
  readonly #dirty = new Set<FaultRecord>();
  #soon: TimerHandle | undefined;
  /** Message of the last write that failed; undefined when the last one went well. */
  problem: string | undefined;

  private constructor(
    readonly db: Kysely<Schema>,
    readonly clock: Clock,
    readonly log: Logger,
  ) {}

  static async open(store: Store, clock: Clock, log: Logger): Promise<FaultStore> {
    const db = await store.database<Schema>({ name: 'inspector', migrations });
    return new FaultStore(db, clock, log);
  }

  /**
   * Resolves when the record is stored. A database that cannot be written is logged and told by `problem`:
   * it must not keep anybody from handling a fault.
   */
  put(record: FaultRecord): Promise<void> {
    return new Promise((resolve) => {
      const { faultId } = record.fault;
      const waiting = this.#waiting.get(faultId);
      if (waiting) {
        waiting.record = record;
        waiting.written.push(resolve);
      } else this.#waiting.set(faultId, { record, written: [resolve] });
      this.#flushing ??= this.#flush();
    });
  }
  /** Stores it within `SOON_MS`, many changes at once: for evidence that nothing depends on. */
  putSoon(record: FaultRecord): void {
    this.#dirty.add(record);
    this.#soon ??= this.clock.setTimeout(() => void this.flush(), SOON_MS).unref();
  }
  /** Resolves when all that was put is stored. */
  async flush(): Promise<void> {
    this.#soon?.cancel();
    this.#soon = undefined;
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    await Promise.all(dirty.map((record) => this.put(record)));
    await this.#flushing;
  }

  async #flush(): Promise<void> {
    while (this.#waiting.size > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      const batch = [...this.#waiting.values()];
      this.#waiting = new Map();
      try {
        for (let from = 0; from < batch.length; from += ROWS_PER_INSERT)
          await this.#write(batch.slice(from, from + ROWS_PER_INSERT));
        this.problem = undefined;
      } catch (error) {
        this.problem = error instanceof Error ? error.message : String(error);
        this.log.error(
          { event: 'inspector.store_failed', err: error },
          'faults cannot be stored; handling goes on',
        );
      }
      for (const { written } of batch) for (const resolve of written) resolve();
    }
    this.#flushing = undefined;
  }

  async #write(batch: Waiting[]): Promise<void> {
    const updated_at = Math.round(this.clock.now());
    const rows = batch.map(({ record }) => ({
      fault_id: record.fault.faultId,
      hostname: record.fault.resource,
      type: record.fault.type,
      phase: record.phase,
      last_event_at: record.lastEventAt,
      updated_at,
      body: JSON.stringify(record),
    }));
    await this.db
      .insertInto('fault')
      .values(rows)
      .onConflict((conflict) =>
        conflict.column('fault_id').doUpdateSet((eb) => ({
          phase: eb.ref('excluded.phase'),
          last_event_at: eb.ref('excluded.last_event_at'),
          updated_at: eb.ref('excluded.updated_at'),
          body: eb.ref('excluded.body'),
        })),
      )
      .execute();
    this.#sincePrune += rows.length;
    if (this.#sincePrune >= HISTORY / 4) await this.#prune();
  }

  async #prune(): Promise<void> {
    this.#sincePrune = 0;
    const oldest = await this.db
      .selectFrom('fault')
      .select('updated_at')
      .where('phase', '=', 'cleared')
      .orderBy('updated_at', 'desc')
      .offset(HISTORY)
      .limit(1)
      .executeTakeFirst();
    if (oldest)
      await this.db
        .deleteFrom('fault')
        .where('phase', '=', 'cleared')
        .where('updated_at', '<=', oldest.updated_at)
        .execute();
  }

  /** Faults that are not cleared, oldest first. */
  async unfinished(): Promise<FaultRecord[]> {
    const rows = await this.db
      .selectFrom('fault')
      .select('body')
      .where('phase', '!=', 'cleared')
      .orderBy('updated_at')
      .execute();
    return rows.map(({ body }) => JSON.parse(body) as FaultRecord);
  }
  /** Time of the last heeded event by host and type of fault. */
  async lastEvents(): Promise<{ hostname: string; type: string; at: number }[]> {
    const rows = await this.db
      .selectFrom('fault')
      .select(['hostname', 'type', (eb) => eb.fn.max('last_event_at').as('at')])
      .groupBy(['hostname', 'type'])
      .execute();
    return rows.map(({ hostname, type, at }) => ({ hostname, type, at: Number(at) }));
  }
  /** Cleared faults, newest first. */
  async cleared(filter: { hostname?: string; faultId?: string } = {}, limit = 1000): Promise<FaultRecord[]> {
    await this.flush();
    let query = this.db.selectFrom('fault').select('body').where('phase', '=', 'cleared');
    if (filter.hostname) query = query.where('hostname', '=', filter.hostname);
    if (filter.faultId) query = query.where('fault_id', '=', filter.faultId);
    const rows = await query.orderBy('updated_at', 'desc').limit(limit).execute();
    return rows.map(({ body }) => JSON.parse(body) as FaultRecord);
  }

  async maintenance(): Promise<HostMaintenance[]> {
    const rows = await this.db.selectFrom('maintenance').selectAll().execute();
    return rows.map(({ hostname, state, session_id, project_id, at }) => ({
      message: { host: hostname, state: state as HostMessage['state'], session_id, project_id },
      at: Number(at),
    }));
  }
  async putMaintenance({ message, at }: HostMaintenance): Promise<void> {
    const row = { state: message.state, session_id: message.session_id, project_id: message.project_id, at };
    await this.db
      .insertInto('maintenance')
      .values({ hostname: message.host, ...row })
      .onConflict((conflict) => conflict.column('hostname').doUpdateSet(row))
      .execute();
  }
}

const migrations = {
  '001-faults': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('fault')
        .addColumn('fault_id', 'text', (column) => column.primaryKey())
        .addColumn('hostname', 'text', (column) => column.notNull())
        .addColumn('type', 'text', (column) => column.notNull())
        .addColumn('phase', 'text', (column) => column.notNull())
        .addColumn('last_event_at', 'double precision', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .addColumn('body', 'text', (column) => column.notNull())
        .execute();
      await db.schema.createIndex('fault_by_phase').on('fault').columns(['phase', 'updated_at']).execute();
      await db.schema
        .createTable('maintenance')
        .addColumn('hostname', 'text', (column) => column.primaryKey())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('session_id', 'text', (column) => column.notNull())
        .addColumn('project_id', 'text', (column) => column.notNull())
        .addColumn('at', 'double precision', (column) => column.notNull())
        .execute();
    },
  },
};
