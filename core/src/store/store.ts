import { join } from 'node:path';
import { type Dialect, Kysely } from 'kysely';
import { DoctorError } from '../errors/index.js';
import { makeFolder as make } from '../files/make-folder.js';
import type { Logger } from '../log/index.js';
import { guardedDialect } from './guarded-dialect.js';
import { migrate } from './migrate.js';
import { SqliteThread } from './sqlite-thread.js';
import { sqliteDialect } from './sqlite-dialect.js';
import { storeError } from './store-error.js';
import type { DatabaseOptions, Store } from './types.js';

export interface StoreOptions {
  /** `postgres://user:password@host/database`: each database is a schema in it. Empty: SQLite. */
  url?: string;
  /** Folder of the SQLite files, made when it is not there. Empty: in memory, gone with the process. */
  folder?: string;
  log: Logger;
}

export interface OwnedStore extends Store {
  /** Ends all databases; idempotent. */
  close(): Promise<void>;
}

interface Place {
  /** Names the database in messages. */
  what: string;
  dialect: () => Promise<Dialect>;
}

/** The databases of this process. */
export function createStore(options: StoreOptions): OwnedStore {
  const thread = new SqliteThread();
  const opened = new Map<string, Promise<Kysely<unknown>>>();
  let closed: Promise<void> | undefined;

  const place = async (name: string): Promise<Place> => {
    if (options.url) {
      const { postgresDialect, withoutSecret } = await import('./postgres-dialect.js');
      const url = options.url;
      return {
        what: `database ${name} at ${withoutSecret(url)}`,
        dialect: () => postgresDialect(url, `doctor_${name}`, options.log),
      };
    }
    const file = options.folder ? join(options.folder, `${name}.db`) : ':memory:';
    return {
      what: `database ${options.folder ? file : name}`,
      dialect: async () => sqliteDialect(thread, file),
    };
  };

  const open = async ({ name, migrations }: DatabaseOptions): Promise<Kysely<unknown>> => {
    if (options.folder && !options.url) await makeFolder(options.folder);
    const { what, dialect } = await place(name);
    const inner = await dialect().catch((error: unknown) => {
      throw storeError(error, what);
    });
    const db = new Kysely<unknown>({ dialect: guardedDialect(inner, what) });
    try {
      await migrate(db, migrations, what);
    } catch (error) {
      await db.destroy().catch(() => {});
      throw storeError(error, what);
    }
    return db;
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

async function makeFolder(folder: string): Promise<void> {
  try {
    make(folder, 0o700);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new DoctorError('STORE', `the folder ${folder} of the databases cannot be made: ${message}`, {
      cause: error,
    });
  }
}
