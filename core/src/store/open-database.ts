import { join } from 'node:path';
import { type Dialect, Kysely } from 'kysely';
import { DoctorError } from '../errors/index.js';
import { makeFolder as make } from '../files/make-folder.js';
import type { Logger } from '../log/index.js';
import { guardedDialect } from './guarded-dialect.js';
import { migrate } from './migrate.js';
import { sqliteDialect } from './sqlite-dialect.js';
import type { SqliteThread } from './sqlite-thread.js';
import { storeError } from './store-error.js';
import type { DatabaseOptions } from './types.js';

export interface StoreOptions {
  /** `postgres://user:password@host/database`: each database is a schema in it. Empty: SQLite. */
  url?: string;
  /** Folder of the SQLite files, made when it is not there. Empty: in memory, gone with the process. */
  folder?: string;
  log: Logger;
}

interface Place {
  /** Names the database in messages. */
  what: string;
  dialect: () => Promise<Dialect>;
}

/** Opens a database and brings it up to date; one that cannot be is closed again. @throws DoctorError STORE */
export async function openDatabase(
  { name, migrations }: DatabaseOptions,
  options: StoreOptions,
  thread: SqliteThread,
): Promise<Kysely<unknown>> {
  if (options.folder && !options.url) await makeFolder(options.folder);
  const { what, dialect } = await placeOf(name, options, thread);
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
}

async function placeOf(
  name: string,
  { url, folder, log }: StoreOptions,
  thread: SqliteThread,
): Promise<Place> {
  if (url) {
    const { postgresDialect, withoutSecret } = await import('./postgres-dialect.js');
    return {
      what: `database ${name} at ${withoutSecret(url)}`,
      dialect: () => postgresDialect(url, `doctor_${name}`, log),
    };
  }
  const file = folder ? join(folder, `${name}.db`) : ':memory:';
  return {
    what: `database ${folder ? file : name}`,
    dialect: async () => sqliteDialect(thread, file),
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
