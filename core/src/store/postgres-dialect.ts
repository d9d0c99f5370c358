import { PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Logger } from '../log/index.js';

const INT8 = 20;

/** The URL without its password, for messages. */
export function withoutSecret(url: string): string {
  try {
    const parsed = new URL(url);
    if (parsed.password) parsed.password = '***';
    return parsed.href;
  } catch {
    return 'the database';
  }
}

const types = {
  // counts come as bigint, which pg gives as text; Doctor's stay far below 2^53
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text'),
};

/** A pool whose connections see one schema, made when it is not there. @param schema the database's name */
export async function postgresDialect(url: string, schema: string, log: Logger): Promise<PostgresDialect> {
  const options = { connectionString: url, connectionTimeoutMillis: 10_000 };
  const client = new pg.Client(options);
  // else a connection that the server cuts later would end the process
  client.on('error', (error) => log.warn({ event: 'store.connection_lost', err: error }));
  await client.connect();
  try {
    await client.query(`create schema if not exists ${client.escapeIdentifier(schema)}`);
  } finally {
    await client.end();
  }
  const pool = new pg.Pool({
    ...options,
    max: 4,
    options: `-c search_path=${schema}`,
    types: types as unknown as pg.CustomTypesConfig,
  });
  pool.on('error', (error) => log.warn({ event: 'store.connection_lost', err: error }));
  return new PostgresDialect({ pool });
}
