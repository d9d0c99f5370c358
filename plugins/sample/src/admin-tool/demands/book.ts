import type { Kysely, Migration, Store } from '@nfv-doctor/core/plugin-api';
import type { GroupDemand, InstanceDemand } from './schema.js';

export type DemandKind = 'instance' | 'instance_group';
export interface Demands {
  instance: InstanceDemand;
  instance_group: GroupDemand;
}

interface Schema {
  demand: { kind: string; id: string; body: string };
}
const migrations: Record<string, Migration> = {
  '0001_demands': {
    async up(db) {
      await db.schema
        .createTable('demand')
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('id', 'text', (column) => column.notNull())
        .addColumn('body', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('demand_key', ['kind', 'id'])
        .execute();
    },
  },
};

/** What projects demand for their instances and groups, beyond Nova's server groups. Stored before it counts. */
export class DemandBook {
  readonly #all: { [K in DemandKind]: Map<string, Demands[K]> } = {
    instance: new Map(),
    instance_group: new Map(),
  };

  private constructor(readonly db: Kysely<Schema>) {}

  /** @throws DoctorError STORE */
  static async open(store: Store): Promise<DemandBook> {
    const book = new DemandBook(await store.database<Schema>({ name: 'admin_tool_demands', migrations }));
    for (const { kind, id, body } of await book.db.selectFrom('demand').selectAll().execute())
      book.#all[kind as DemandKind].set(id, JSON.parse(body) as never);
    return book;
  }

  get<K extends DemandKind>(kind: K, id: string): Demands[K] | undefined {
    return this.#all[kind].get(id);
  }
  all<K extends DemandKind>(kind: K): ReadonlyMap<string, Demands[K]> {
    return this.#all[kind];
  }

  async put<K extends DemandKind>(kind: K, id: string, demand: Demands[K]): Promise<void> {
    const body = JSON.stringify(demand);
    await this.db
      .insertInto('demand')
      .values({ kind, id, body })
      .onConflict((conflict) => conflict.columns(['kind', 'id']).doUpdateSet({ body }))
      .execute();
    this.#all[kind].set(id, demand);
  }

  async remove(kind: DemandKind, id: string): Promise<void> {
    await this.db.deleteFrom('demand').where('kind', '=', kind).where('id', '=', id).execute();
    this.#all[kind].delete(id);
  }
}
