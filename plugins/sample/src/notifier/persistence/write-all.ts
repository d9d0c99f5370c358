import type { Kysely } from '@nfv-doctor/core/plugin-api';
import type { StoredAlarm } from '../alarms/compiled-alarm.js';
import type { HistoryRow, NotificationRow, NotificationStatus, NotifierSchema } from './schema.js';

export type AlarmStateRow = NotifierSchema['alarm_state'];

/** One change of the notifier's database. */
export type Write =
  | { kind: 'alarm'; alarm: StoredAlarm; history?: HistoryRow }
  | { kind: 'delete'; alarmId: string; history?: HistoryRow }
  /** An alarm fired: its new state, when that changed, and what it owes; all or nothing. */
  | { kind: 'fired'; state?: AlarmStateRow; owed: NotificationRow[]; history?: HistoryRow }
  | {
      kind: 'finished';
      id: string;
      status: NotificationStatus;
      attempts: number;
      at: number;
      error: string | null;
    };

type Database = Kysely<NotifierSchema>;
type Finished = Extract<Write, { kind: 'finished' }>;

/** Rows of one statement: its parameters stay far below the databases' limits. */
const ROWS = 100;

function* chunks<T>(rows: readonly T[]): Generator<T[]> {
  for (let at = 0; at < rows.length; at += ROWS) yield rows.slice(at, at + ROWS);
}

const definitionOf = ({ state: _s, state_timestamp: _t, state_reason: _r, ...definition }: StoredAlarm) => ({
  alarm_id: definition.alarm_id,
  project_id: definition.project_id,
  definition: JSON.stringify(definition),
});
const stateOf = ({ alarm_id, state, state_timestamp, state_reason }: StoredAlarm): AlarmStateRow => ({
  alarm_id,
  state,
  state_timestamp,
  state_reason,
});

/** The others have defaults: fewer values to hand over for each of many rows. */
const newColumns = ({
  id,
  sequence,
  alarm_id,
  project_id,
  url,
  body,
  created_at,
  replay_of,
}: NotificationRow) =>
  replay_of === null
    ? { id, sequence, alarm_id, project_id, url, body, created_at }
    : { id, sequence, alarm_id, project_id, url, body, created_at, replay_of };

/** The last of each id: one statement must not meet a row twice. */
const lastOfEach = <T extends { alarm_id: string }>(rows: readonly T[]): T[] => [
  ...new Map(rows.map((row) => [row.alarm_id, row])).values(),
];

/** A run of writes of alarms or firings, which may be put together; a deletion between them must keep its place. */
async function writeRun(db: Database, writes: readonly Write[]): Promise<void> {
  const alarms = lastOfEach(
    writes.flatMap((write) => (write.kind === 'alarm' ? [definitionOf(write.alarm)] : [])),
  );
  const states = lastOfEach(
    writes.flatMap((write) =>
      write.kind === 'alarm'
        ? [stateOf(write.alarm)]
        : write.kind === 'fired' && write.state
          ? [write.state]
          : [],
    ),
  );
  const owed = writes.flatMap((write) => ('owed' in write ? write.owed : []));
  for (const rows of chunks(alarms)) await upsertAlarms(db, rows);
  for (const rows of chunks(states)) await upsertStates(db, rows);
  const finished = new Map(
    writes.flatMap((write) => (write.kind === 'finished' ? [[write.id, write] as const] : [])),
  );
  // most are delivered before they are written: they are written once
  const done = owed.filter(({ id }) => finished.has(id));
  await insertOwed(db, done.length === 0 ? owed : owed.filter(({ id }) => !finished.has(id)));
  await insertFinished(db, done, finished);
  for (const { id } of done) finished.delete(id);
  await finish(db, [...finished.values()]);
  const history = writes.flatMap((write) => ('history' in write && write.history ? [write.history] : []));
  for (const rows of chunks(history)) await db.insertInto('history').values(rows).execute();
}

async function insertOwed(db: Database, owed: readonly NotificationRow[]): Promise<void> {
  for (const rows of chunks(owed))
    await db
      .insertInto('notification')
      .values(rows.map(newColumns))
      // the same event again, after a restart: it is owed or done already
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
}

async function insertFinished(
  db: Database,
  done: readonly NotificationRow[],
  finished: ReadonlyMap<string, Finished>,
): Promise<void> {
  const complete = done.map((row) => {
    const { status = row.status, attempts = 0, at = null, error = null } = finished.get(row.id) ?? {};
    return { ...row, status, attempts, finished_at: at, last_error: error };
  });
  for (const rows of chunks(complete))
    await db
      .insertInto('notification')
      .values(rows)
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet((eb) => ({
          status: eb.ref('excluded.status'),
          attempts: eb.ref('excluded.attempts'),
          finished_at: eb.ref('excluded.finished_at'),
          last_error: eb.ref('excluded.last_error'),
        })),
      )
      .execute();
}

const upsertAlarms = (db: Database, rows: NotifierSchema['alarm'][]) =>
  db
    .insertInto('alarm')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('alarm_id').doUpdateSet((eb) => ({
        project_id: eb.ref('excluded.project_id'),
        definition: eb.ref('excluded.definition'),
      })),
    )
    .execute();

const upsertStates = (db: Database, rows: AlarmStateRow[]) =>
  db
    .insertInto('alarm_state')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('alarm_id').doUpdateSet((eb) => ({
        state: eb.ref('excluded.state'),
        state_timestamp: eb.ref('excluded.state_timestamp'),
        state_reason: eb.ref('excluded.state_reason'),
      })),
    )
    .execute();

/** Most are delivered at the first attempt: they share one statement. */
async function finish(db: Database, writes: readonly Finished[]): Promise<void> {
  const smooth: string[] = [];
  let at = 0;
  for (const write of writes) {
    at = write.at;
    if (write.status === 'delivered' && write.attempts === 1) smooth.push(write.id);
    else
      await db
        .updateTable('notification')
        .set({
          status: write.status,
          attempts: write.attempts,
          finished_at: write.at,
          last_error: write.error,
        })
        .where('id', '=', write.id)
        .execute();
  }
  for (const ids of chunks(smooth))
    await db
      .updateTable('notification')
      .set({ status: 'delivered', attempts: 1, finished_at: at, last_error: null })
      .where('id', 'in', ids)
      .execute();
}

/** All in one transaction. */
export async function writeAll(db: Database, writes: readonly Write[]): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    let run: Write[] = [];
    for (const write of writes) {
      if (write.kind !== 'delete') {
        run.push(write);
        continue;
      }
      await writeRun(transaction, run);
      run = [];
      await transaction.deleteFrom('alarm').where('alarm_id', '=', write.alarmId).execute();
      await transaction.deleteFrom('alarm_state').where('alarm_id', '=', write.alarmId).execute();
      if (write.history) await transaction.insertInto('history').values(write.history).execute();
    }
    await writeRun(transaction, run);
  });
}
