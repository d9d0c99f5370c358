import type { Kysely, Store } from '@nfv-doctor/core/plugin-api';
import { createWriteBatch, type WriteBatch } from '@nfv-doctor/core/plugin-api';
import type { StoredAlarm } from '../alarms/compiled-alarm.js';
import {
  type HistoryRow,
  migrations,
  type NotificationRow,
  type NotificationStatus,
  type NotifierSchema,
} from './schema.js';
import { type Write, writeAll } from './write-all.js';

export interface NotificationFilter {
  projectId?: string;
  alarmId?: string;
  status?: NotificationStatus;
  limit: number;
}

type StateMember = 'state' | 'state_timestamp' | 'state_reason';

/** No webhook waits for its write: a few ms bring many events into one transaction. */
const LINGER_MS = 3;

/** Alarms and owed notifications on disk. Writes that come together share a transaction, in the order in which they came. */
export class NotifierStore {
  readonly #db: Kysely<NotifierSchema>;
  readonly #batch: WriteBatch<Write>;

  private constructor(db: Kysely<NotifierSchema>) {
    this.#db = db;
    this.#batch = createWriteBatch((writes) => writeAll(db, writes), { lingerMs: LINGER_MS });
  }

  static async open(store: Store): Promise<NotifierStore> {
    return new NotifierStore(await store.database<NotifierSchema>({ name: 'notifier', migrations }));
  }

  /** Resolves when it is committed. */
  write(write: Write): Promise<void> {
    return this.#batch.add(write);
  }

  /** Resolves when all writes so far are done. */
  idle(): Promise<void> {
    return this.#batch.idle();
  }

  async alarms(): Promise<StoredAlarm[]> {
    const rows = await this.#db
      .selectFrom('alarm')
      .innerJoin('alarm_state', 'alarm_state.alarm_id', 'alarm.alarm_id')
      .select(['definition', 'state', 'state_timestamp', 'state_reason'])
      .execute();
    return rows.map(({ definition, ...state }) => ({
      ...(JSON.parse(definition) as Omit<StoredAlarm, StateMember>),
      ...(state as Pick<StoredAlarm, StateMember>),
    }));
  }

  /** What is owed, oldest first, after `sequence`. */
  owed(afterSequence: number, limit: number): Promise<NotificationRow[]> {
    return this.#db
      .selectFrom('notification')
      .selectAll()
      .where('status', '=', 'pending')
      .where('sequence', '>', afterSequence)
      .orderBy('sequence')
      .limit(limit)
      .execute();
  }

  async lastSequence(): Promise<number> {
    const row = await this.#db
      .selectFrom('notification')
      .select((f) => f.fn.max('sequence').as('last'))
      .executeTakeFirst();
    return Number(row?.last ?? 0);
  }

  /** The newest ids, to recognise what was fired before a restart. */
  async recentIds(limit: number): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('notification')
      .select('id')
      .orderBy('created_at', 'desc')
      .limit(limit)
      .execute();
    return rows.map(({ id }) => id);
  }

  notification(id: string): Promise<NotificationRow | undefined> {
    return this.#db.selectFrom('notification').selectAll().where('id', '=', id).executeTakeFirst();
  }

  /** Newest first. */
  notifications({ projectId, alarmId, status, limit }: NotificationFilter): Promise<NotificationRow[]> {
    let query = this.#db.selectFrom('notification').selectAll();
    if (projectId !== undefined) query = query.where('project_id', '=', projectId);
    if (alarmId !== undefined) query = query.where('alarm_id', '=', alarmId);
    if (status !== undefined) query = query.where('status', '=', status);
    return query.orderBy('created_at', 'desc').orderBy('sequence', 'desc').limit(limit).execute();
  }

  /** Newest first. */
  history(alarmId: string, limit: number): Promise<HistoryRow[]> {
    return this.#db
      .selectFrom('history')
      .selectAll()
      .where('alarm_id', '=', alarmId)
      .orderBy('timestamp', 'desc')
      .limit(limit)
      .execute();
  }

  /** Forgets what was finished before `createdBefore` (ms since the epoch). */
  async prune(createdBefore: number, isoBefore: string): Promise<void> {
    await this.#db
      .deleteFrom('notification')
      .where('status', '!=', 'pending')
      .where('created_at', '<', createdBefore)
      .execute();
    await this.#db.deleteFrom('history').where('timestamp', '<', isoBefore).execute();
  }
}
