import type { Kysely, Migration } from 'kysely';
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

export interface ApplicationStore {
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
