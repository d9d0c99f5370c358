import { parentPort } from 'node:worker_threads';
import Database from 'libsql';
import type { SqliteAnswer, SqliteRequest, SqliteResult } from './sqlite-protocol.js';

/** How long a statement waits for another process' lock, ms. */
const BUSY_MS = 5000;
const CACHED_STATEMENTS = 256;

type Statement = ReturnType<Database.Database['prepare']>;

/** libsql aborts the whole process on values it does not know (booleans, objects): nothing else may reach it. */
function toSqlite(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'number') return value;
  if (value instanceof Uint8Array) return Buffer.from(value);
  throw new TypeError(`a value of type ${typeof value} cannot be stored`);
}

class SqliteDatabase {
  readonly #db: Database.Database;
  readonly #statements = new Map<string, Statement>();

  constructor(file: string) {
    this.#db = new Database(file, { timeout: BUSY_MS });
    // WAL with NORMAL: what was committed survives `kill -9` (the log is with the operating system); only a power cut
    // may take the last commits. Checkpoints are few and happen in this thread, not where events are handled.
    for (const pragma of [
      'journal_mode = WAL',
      'synchronous = NORMAL',
      'wal_autocheckpoint = 4000',
      'foreign_keys = ON',
    ])
      this.#db.prepare(`PRAGMA ${pragma}`).all();
  }

  query(sql: string, parameters: readonly unknown[]): SqliteResult {
    const statement = this.#statement(sql);
    const values = parameters.map(toSqlite);
    try {
      if (statement.reader) return { rows: statement.all(values) };
      return { rows: [], changes: statement.run(values).changes };
    } catch (error) {
      this.#statements.delete(sql);
      throw error;
    }
  }

  close() {
    this.#statements.clear();
    this.#db.close();
  }

  #statement(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#db.prepare(sql);
    if (!/^\s*(select|insert|update|delete|with)\b/i.test(sql)) this.#statements.clear();
    else {
      if (this.#statements.size >= CACHED_STATEMENTS) this.#statements.clear();
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

const databases = new Map<number, SqliteDatabase>();

function handle(request: SqliteRequest): SqliteResult {
  if (request.op === 'open') {
    databases.set(request.database, new SqliteDatabase(request.file));
    return { rows: [] };
  }
  const database = databases.get(request.database);
  if (!database) throw Object.assign(new Error('the database is closed'), { code: 'SQLITE_MISUSE' });
  if (request.op === 'query') return database.query(request.sql, request.parameters);
  databases.delete(request.database);
  database.close();
  return { rows: [] };
}

parentPort?.on('message', (request: SqliteRequest) => {
  let answer: SqliteAnswer;
  try {
    answer = { id: request.id, result: handle(request) };
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    answer = { id: request.id, error: { code: code ?? 'SQLITE_ERROR', message: message ?? String(error) } };
  }
  parentPort?.postMessage(answer);
});
