/** What goes between the store and its SQLite thread. */
export type SqliteRequest =
  | { id: number; op: 'open'; database: number; file: string }
  | { id: number; op: 'query'; database: number; sql: string; parameters: readonly unknown[] }
  | { id: number; op: 'close'; database: number };

export interface SqliteResult {
  rows: unknown[];
  changes?: number;
}

export type SqliteAnswer =
  | { id: number; result: SqliteResult }
  | { id: number; error: { code: string; message: string } };
