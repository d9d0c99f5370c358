import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { SqliteThread } from './sqlite-thread.js';

class Connection implements DatabaseConnection {
  constructor(
    readonly thread: SqliteThread,
    readonly database: number,
  ) {}

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, changes } = await this.thread.query(this.database, sql, parameters);
    return { rows: rows as R[], ...(changes === undefined ? {} : { numAffectedRows: BigInt(changes) }) };
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery<R>(query);
  }
}

/** One connection per file; a transaction has it for itself. */
class SqliteThreadDriver implements Driver {
  #connection: Connection | undefined;
  #free: Promise<void> = Promise.resolve();
  #release: () => void = () => {};

  constructor(
    readonly thread: SqliteThread,
    readonly file: string,
  ) {}

  async init() {
    this.#connection = new Connection(this.thread, await this.thread.open(this.file));
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#free;
    let release = () => {};
    this.#free = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    this.#release = release;
    if (!this.#connection) throw new Error('the database is closed');
    return this.#connection;
  }

  async releaseConnection() {
    this.#release();
  }

  // `immediate` waits for the write lock at the start, where it can be waited for, and not in the middle
  beginTransaction = (connection: DatabaseConnection) => run(connection, 'begin immediate');
  commitTransaction = (connection: DatabaseConnection) => run(connection, 'commit');
  /** SQLite has rolled back by itself where the disk is full or broken: the reason must not be lost over that. */
  rollbackTransaction = (connection: DatabaseConnection) =>
    run(connection, 'rollback').catch((error: unknown) => {
      if (!/no transaction is active/.test(String(error))) throw error;
    });

  async destroy() {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection) await this.thread.closeDatabase(connection.database);
  }
}

async function run(connection: DatabaseConnection, sql: string): Promise<void> {
  await connection.executeQuery(CompiledQuery.raw(sql));
}

/** Kysely's SQLite over libsql in the store's thread. @param file path, or `:memory:` */
export function sqliteDialect(thread: SqliteThread, file: string): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new SqliteThreadDriver(thread, file),
    createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}
