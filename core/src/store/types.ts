import type { Kysely, Migration } from 'kysely';

export interface DatabaseOptions {
  /** Name of the database (a file or a schema of its own), e.g. `notifier`. */
  name: string;
  /** Migrations by name, run in order of their names. */
  migrations: Record<string, Migration>;
}

/** Databases that survive `kill -9`: SQLite by default, PostgreSQL with the same queries. */
export interface Store {
  /** Opens the database and brings it up to date. Throws DoctorError STORE. Closed by the host after all roles have stopped. */
  database<Schema>(options: DatabaseOptions): Promise<Kysely<Schema>>;
}
