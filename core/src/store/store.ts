import type { Kysely } from 'kysely';
import { DoctorError } from '../errors/index.js';
import type { StoreOptions } from './open-database.js';
import { SqliteThread } from './sqlite-thread.js';
import { storeError } from './store-error.js';
import type { DatabaseOptions, Store } from './types.js';

export interface OwnedStore extends Store {
  /** Ends all databases; idempotent. */
  close(): Promise<void>;
}

/** The databases of this process. */
export function createStore(options: StoreOptions): OwnedStore {
  const thread = new SqliteThread();
  const opened = new Map<string, Promise<Kysely<unknown>>>();
  let closed: Promise<void> | undefined;

  const open = async (wanted: DatabaseOptions): Promise<Kysely<unknown>> => {
    // the query builder is hundreds of modules: for those that open a database
    const { openDatabase } = await import('./open-database.js');
    return openDatabase(wanted, options, thread);
  };

  const close = async () => {
    const databases = await Promise.allSettled(opened.values());
    const results = await Promise.allSettled(
      databases.map(async (database) =>
        database.status === 'fulfilled' ? database.value.destroy() : undefined,
      ),
    );
    await thread.end();
    for (const result of results)
      if (result.status === 'rejected') throw storeError(result.reason, 'the store');
  };

  return {
    async database<Schema>(wanted: DatabaseOptions) {
      if (closed) throw new DoctorError('STORE', `the store is closed; ${wanted.name} cannot be opened`);
      if (!/^[a-z][a-z0-9_]{0,40}$/.test(wanted.name))
        throw new DoctorError('INTERNAL', `"${wanted.name}" is no name of a database: [a-z][a-z0-9_]*`);
      const database = opened.get(wanted.name) ?? open(wanted);
      opened.set(wanted.name, database);
      // a failed opening may be tried again
      database.catch(() => opened.delete(wanted.name));
      return (await database) as unknown as Kysely<Schema>;
    },
    close: () => (closed ??= close()),
  };
}
