import type { Kysely, Migration, Store } from '@nfv-doctor/core/plugin-api';
import type { Effect, SessionState } from './session.js';

/** A session with what is still to be done for it. */
export interface StoredSession {
  state: SessionState;
  outbox: Effect[];
}

/** Where sessions are kept. Every call is one transaction: all of it is stored, or nothing. */
export interface SessionRepository {
  load(): Promise<StoredSession[]>;
  insert(session: StoredSession): Promise<void>;
  /** Stores the next state, adds effects to the outbox, and takes out the one that has ended. */
  save(state: SessionState, add: readonly Effect[], remove?: string): Promise<void>;
  delete(sessionId: string): Promise<void>;
}

interface Schema {
  session: { session_id: string; created_at: number; state: string };
  outbox: { session_id: string; sequence: number; key: string; effect: string };
}

const migrations: Record<string, Migration> = {
  '0001_sessions': {
    async up(db) {
      await db.schema
        .createTable('session')
        .addColumn('session_id', 'text', (column) => column.primaryKey())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('outbox')
        .addColumn('session_id', 'text', (column) => column.notNull())
        .addColumn('sequence', 'bigint', (column) => column.notNull())
        .addColumn('key', 'text', (column) => column.notNull())
        .addColumn('effect', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('outbox_key', ['session_id', 'key'])
        .execute();
    },
  },
};

/** Opens the database `admin_tool`. @throws DoctorError STORE */
export async function openSessionRepository(store: Store): Promise<SessionRepository> {
  const db = await store.database<Schema>({ name: 'admin_tool', migrations });
  return new DatabaseRepository(db);
}

class DatabaseRepository implements SessionRepository {
  #sequence = 0;

  constructor(readonly db: Kysely<Schema>) {}

  async load(): Promise<StoredSession[]> {
    const sessions = await this.db.selectFrom('session').selectAll().orderBy('created_at').execute();
    const effects = await this.db.selectFrom('outbox').selectAll().orderBy('sequence').execute();
    this.#sequence = Number(effects.at(-1)?.sequence ?? 0);
    return sessions.map(({ session_id, state }) => ({
      state: JSON.parse(state) as SessionState,
      outbox: effects
        .filter((each) => each.session_id === session_id)
        .map(({ effect }) => JSON.parse(effect) as Effect),
    }));
  }

  async insert({ state, outbox }: StoredSession): Promise<void> {
    await this.db.transaction().execute(async (trx) => {
      await trx
        .insertInto('session')
        .values({ session_id: state.sessionId, created_at: state.createdAt, state: JSON.stringify(state) })
        .execute();
      await this.#add(trx, state.sessionId, outbox);
    });
  }

  async save(state: SessionState, add: readonly Effect[], remove?: string): Promise<void> {
    await this.db.transaction().execute(async (trx) => {
      await trx
        .updateTable('session')
        .set({ state: JSON.stringify(state) })
        .where('session_id', '=', state.sessionId)
        .execute();
      if (remove !== undefined)
        await trx
          .deleteFrom('outbox')
          .where('session_id', '=', state.sessionId)
          .where('key', '=', remove)
          .execute();
      await this.#add(trx, state.sessionId, add);
    });
  }

  async delete(sessionId: string): Promise<void> {
    await this.db.transaction().execute(async (trx) => {
      await trx.deleteFrom('outbox').where('session_id', '=', sessionId).execute();
      await trx.deleteFrom('session').where('session_id', '=', sessionId).execute();
    });
  }

  async #add(db: Kysely<Schema>, session_id: string, effects: readonly Effect[]): Promise<void> {
    // SQLite takes a limited number of values per statement
    for (let index = 0; index < effects.length; index += 200)
      await db
        .insertInto('outbox')
        .values(
          effects.slice(index, index + 200).map((effect) => ({
            session_id,
            sequence: ++this.#sequence,
            key: effect.key,
            effect: JSON.stringify(effect),
          })),
        )
        .execute();
  }
}
