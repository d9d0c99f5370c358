import type { Kysely, Logger, Store } from '@nfv-doctor/core/plugin-api';

interface Schema {
  down: { hostname: string };
}

/** Hosts that were reported down and not yet up, so that their return is reported also after a restart. */
export class KnownDown {
  readonly #hosts: Set<string>;

  private constructor(
    readonly db: Kysely<Schema>,
    readonly log: Logger,
    hosts: Iterable<string>,
  ) {
    this.#hosts = new Set(hosts);
  }

  static async open(store: Store, log: Logger): Promise<KnownDown> {
    const db = await store.database<Schema>({ name: 'monitor', migrations });
    const rows = await db.selectFrom('down').select('hostname').execute();
    return new KnownDown(
      db,
      log,
      rows.map(({ hostname }) => hostname),
    );
  }

  has(hostname: string): boolean {
    return this.#hosts.has(hostname);
  }
  /** Stored as soon as can be; nothing waits for it. */
  async set(hostname: string, down: boolean): Promise<void> {
    if (down === this.#hosts.has(hostname)) return;
    try {
      if (down) {
        this.#hosts.add(hostname);
        await this.db
          .insertInto('down')
          .values({ hostname })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      } else {
        this.#hosts.delete(hostname);
        await this.db.deleteFrom('down').where('hostname', '=', hostname).execute();
      }
    } catch (error) {
      this.log.warn(
        { event: 'monitor.store_failed', err: error },
        'it could not be stored which hosts are down',
      );
    }
  }
}

const migrations = {
  '001-down': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('down')
        .addColumn('hostname', 'text', (column) => column.primaryKey())
        .execute();
    },
  },
};
