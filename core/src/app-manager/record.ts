import type { Kysely, Migration } from 'kysely';
import { DoctorError } from '../errors/index.js';
import type { Store } from '../store/types.js';
import type { AppMessage } from './message.js';

/** What it takes to make an instance again. */
export interface InstanceBlueprint {
  name: string;
  flavorId: string;
  imageId: string;
  networkIds: string[];
  serverGroupId?: string;
  metadata: Record<string, string>;
  vcpus: number;
  memoryMb: number;
}

/** An instance that is to be made in place of one that is gone, or will be. */
export interface Replacement {
  oldId: string;
  blueprint: InstanceBlueprint;
  redundant: boolean;
}

/** Everything about an application that must survive a crash. */
export interface ApplicationRecord {
  projectId: string;
  /** Unguessable part of the address that alarms are posted to. */
  secret: string;
  alarmId?: string;
  /** The active member first. */
  redundant: string[];
  scalable: string[];
  floatingIpId?: string;
  blueprints: Record<string, InstanceBlueprint>;
  /** Released while scaling in: made again when the maintenance is over. */
  released: Replacement[];
  /** The message that `releasing` was chosen for. */
  releasing?: { messageId: string; ids: string[] };
  /** Own actions that are promised, and not done yet. */
  replacing: Replacement[];
  /** Messages accepted, and not done yet. */
  inbox: AppMessage[];
  /** Ids of the last messages done. */
  handled: string[];
  /** What the application's policy remembers. */
  memory?: Record<string, unknown>;
}

/** How many messages are remembered, to know duplicates. */
const REMEMBERED = 1000;

/** The message is done, and known from now on. */
export function markHandled(record: ApplicationRecord, id: string): void {
  record.inbox = record.inbox.filter((message) => message.id !== id);
  record.handled = [...record.handled, id].slice(-REMEMBERED);
}

/** How many messages wait at most for an application that is not managed yet. */
const MOST_WAITING = 1000;

/**
 * Puts a message into the inbox and stores it, unless it is known.
 * @returns the message as it was put there; undefined for a duplicate
 * @throws DoctorError STORE when it could not be stored: it has not been taken then, and may be told again
 */
export async function receive(
  record: ApplicationRecord,
  message: AppMessage,
  now: number,
  store: Pick<ApplicationStore, 'save'>,
): Promise<AppMessage | undefined> {
  const { inbox, handled, projectId } = record;
  if (handled.includes(message.id) || inbox.some(({ id }) => id === message.id)) return undefined;
  if (inbox.length >= MOST_WAITING)
    throw new DoctorError('STORE', `${inbox.length} messages of project ${projectId} wait already`, {
      retryable: true,
    });
  const received = { ...message, receivedAt: now };
  inbox.push(received);
  try {
    await store.save(record);
  } catch (error) {
    record.inbox = record.inbox.filter(({ id }) => id !== message.id);
    throw error;
  }
  return received;
}

export interface ApplicationStore {
  /** Every application that was managed, and not released. */
  all(): Promise<ApplicationRecord[]>;
  load(projectId: string): Promise<ApplicationRecord | undefined>;
  save(record: ApplicationRecord): Promise<void>;
  delete(projectId: string): Promise<void>;
}

interface Schema {
  application: { project_id: string; record: string };
}

const migrations: Record<string, Migration> = {
  '0001_applications': {
    async up(db) {
      await db.schema
        .createTable('application')
        .addColumn('project_id', 'text', (column) => column.primaryKey())
        .addColumn('record', 'text', (column) => column.notNull())
        .execute();
    },
  },
};

/** Opens the database `app_manager`. @throws DoctorError STORE */
export async function openApplicationStore(store: Store): Promise<ApplicationStore> {
  const db = await store.database<Schema>({ name: 'app_manager', migrations });
  return databaseStore(db);
}

const databaseStore = (db: Kysely<Schema>): ApplicationStore => ({
  async all() {
    const rows = await db.selectFrom('application').select('record').orderBy('project_id').execute();
    return rows.map(({ record }) => JSON.parse(record) as ApplicationRecord);
  },
  async load(projectId) {
    const row = await db
      .selectFrom('application')
      .select('record')
      .where('project_id', '=', projectId)
      .executeTakeFirst();
    return row && (JSON.parse(row.record) as ApplicationRecord);
  },
  async save(record) {
    const json = JSON.stringify(record);
    await db
      .insertInto('application')
      .values({ project_id: record.projectId, record: json })
      .onConflict((conflict) => conflict.column('project_id').doUpdateSet({ record: json }))
      .execute();
  },
  async delete(projectId) {
    await db.deleteFrom('application').where('project_id', '=', projectId).execute();
  },
});
