import { randomUUID } from 'node:crypto';
import { pythonRepr } from '../python.js';
import type { Row } from './datalog/evaluate.js';
import type { Value } from './datalog/ast.js';
import { CongressError, internal } from './errors.js';
import type { TableSchema } from './schemas.js';

/** As the API shows it. */
export interface DataSourceRecord {
  id: string;
  name: string;
  driver: string;
  description: string | null;
  type: null;
  enabled: boolean;
  config: Record<string, unknown> | null;
}

/** A data source: tables that are pushed or polled. */
export abstract class DataSource {
  readonly tables = new Map<string, readonly Row[]>();
  updates = 0;
  lastUpdated: string | undefined;

  constructor(
    readonly record: DataSourceRecord,
    readonly schema: readonly TableSchema[],
  ) {
    for (const { table_id } of schema) this.tables.set(table_id, []);
  }

  columns(table: string): readonly string[] | undefined {
    return this.schema.find(({ table_id }) => table_id === table)?.columns.map(({ name }) => name);
  }

  /** Replaces a table by what was pushed. */
  abstract push(table: string, body: unknown): void;
  /** Reads everything anew. */
  abstract refresh(): Promise<void>;
  /** Does what an `execute[...]` asks for; failures are only logged. */
  abstract execute(action: string, args: readonly Value[]): Promise<void>;
  /** What `GET .../actions` lists; undefined: that call fails. */
  abstract actions(): unknown[] | undefined;
  start(): void {}
  async stop(): Promise<void> {}
}

/** Driver `doctor`: a monitor pushes its events. */
export class DoctorSource extends DataSource {
  push(table: string, body: unknown): void {
    if (table !== 'events')
      throw new CongressError(400, `Bad Request::translator: ${table} is not in the datasource driver`, 400);
    if (!Array.isArray(body)) throw internal();
    this.tables.set('events', body.map(rowOfEvent));
    this.updates++;
  }
  async refresh(): Promise<void> {}
  async execute(): Promise<void> {}
  actions(): undefined {
    return undefined;
  }
}

/** Fields that are missing become the text `None`. */
function rowOfEvent(event: unknown): Row {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) throw internal();
  const { time, type, details } = event as Record<string, unknown>;
  if (details === undefined) throw new CongressError(400, 'details');
  if (typeof details !== 'object' || details === null) throw internal();
  const of = details as Record<string, unknown>;
  return [time, type, of['hostname'], of['status'], of['monitor'], of['monitor_event_id']].map(toValue);
}

/** A value in a table: texts and numbers as they are, the rest as Python writes it. */
export const toValue = (value: unknown): Value =>
  typeof value === 'string' || typeof value === 'number' ? value : pythonRepr(value);

export function newRecord(fields: Omit<DataSourceRecord, 'id' | 'type'>): DataSourceRecord {
  const { name, driver, description, enabled, config } = fields;
  return { id: randomUUID(), name, driver, description, type: null, enabled, config };
}
