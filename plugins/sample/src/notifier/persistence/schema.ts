import type { Generated, Kysely, Migration } from '@nfv-doctor/core/plugin-api';

export type NotificationStatus = 'pending' | 'delivered' | 'undelivered';

/** What is owed to a consumer, or was. */
export interface NotificationRow {
  /** The idempotency key: the same for the same alarm, event, state and URL, on every attempt and after a restart. */
  id: string;
  /** Rises; the order of firing. */
  sequence: number;
  alarm_id: string;
  project_id: string;
  url: string;
  body: string;
  status: NotificationStatus;
  attempts: number;
  /** ms since the epoch. */
  created_at: number;
  finished_at: number | null;
  last_error: string | null;
  /** The notification that this one repeats on request. */
  replay_of: string | null;
}

type Defaulted = 'status' | 'attempts' | 'finished_at' | 'last_error' | 'replay_of';

export interface NotifierSchema {
  /** `definition`: the alarm as JSON, without its state. */
  alarm: { alarm_id: string; project_id: string; definition: string };
  /** Apart from the definition, because it changes with every event. */
  alarm_state: { alarm_id: string; state: string; state_timestamp: string; state_reason: string };
  notification: Omit<NotificationRow, Defaulted> & {
    status: Generated<NotificationStatus>;
    attempts: Generated<number>;
    finished_at: Generated<number | null>;
    last_error: Generated<string | null>;
    replay_of: Generated<string | null>;
  };
  history: HistoryRow;
}

export interface HistoryRow {
  event_id: string;
  alarm_id: string;
  type: string;
  detail: string;
  timestamp: string;
  project_id: string;
  user_id: string;
}

const initial: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('alarm')
      .addColumn('alarm_id', 'text', (column) => column.primaryKey())
      .addColumn('project_id', 'text', (column) => column.notNull())
      .addColumn('definition', 'text', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('alarm_state')
      .addColumn('alarm_id', 'text', (column) => column.primaryKey())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('state_timestamp', 'text', (column) => column.notNull())
      .addColumn('state_reason', 'text', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('notification')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('sequence', 'bigint', (column) => column.notNull())
      .addColumn('alarm_id', 'text', (column) => column.notNull())
      .addColumn('project_id', 'text', (column) => column.notNull())
      .addColumn('url', 'text', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .addColumn('status', 'text', (column) => column.notNull().defaultTo('pending'))
      .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('finished_at', 'bigint')
      .addColumn('last_error', 'text')
      .addColumn('replay_of', 'text')
      .execute();
    await db.schema
      .createIndex('notification_owed')
      .on('notification')
      .columns(['sequence', 'status'])
      .where('status', '=', 'pending')
      .execute();
    await db.schema.createIndex('notification_age').on('notification').column('created_at').execute();
    await db.schema
      .createTable('history')
      .addColumn('event_id', 'text', (column) => column.primaryKey())
      .addColumn('alarm_id', 'text', (column) => column.notNull())
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('detail', 'text', (column) => column.notNull())
      .addColumn('timestamp', 'text', (column) => column.notNull())
      .addColumn('project_id', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('history_of_alarm').on('history').column('alarm_id').execute();
  },
};

export const migrations: Record<string, Migration> = { '001_initial': initial };
