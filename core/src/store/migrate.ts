import { type Kysely, type Migration, Migrator } from 'kysely';
import { DoctorError } from '../errors/index.js';

/** Brings the database up to date. Throws DoctorError STORE that names the migration. */
export async function migrate(
  // biome-ignore lint/suspicious/noExplicitAny: a migration is about no schema in particular
  db: Kysely<any>,
  migrations: Record<string, Migration>,
  what: string,
): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error, results } = await migrator.migrateToLatest();
  if (!error) return;
  if (DoctorError.is(error)) throw error;
  const message = error instanceof Error ? error.message : String(error);
  if (/previously executed migration .* is missing/.test(message))
    throw new DoctorError('STORE', `${what} was written by a newer Doctor; use that one, or another folder`, {
      cause: error,
    });
  const failed = results?.find((result) => result.status === 'Error')?.migrationName;
  throw new DoctorError(
    'STORE',
    `${what} cannot be brought up to date${failed ? ` (${failed})` : ''}: ${message}`,
    {
      cause: error,
    },
  );
}
