import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type Kysely, sql } from 'kysely';
import { silentLogger as log } from '../log/index.js';
import { createStore } from './store.js';
import { postgresForTests } from './postgres-server.test.helper.js';

interface Schema {
  item: { id: string; done: number; note: string | null };
}

const migrations = {
  '001_item': {
    up: (db: Kysely<unknown>) =>
      db.schema
        .createTable('item')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('done', 'integer', (column) => column.notNull())
        .addColumn('note', 'text')
        .execute(),
  },
};

async function temporary(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-store-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function exercise(t: ExecutionContext, options: { folder?: string; url?: string }) {
  const first = createStore({ ...options, log });
  const db = await first.database<Schema>({ name: 'exercise', migrations });
  await db.insertInto('item').values({ id: 'a', done: 0, note: null }).execute();
  await db
    .insertInto('item')
    .values([{ id: 'a', done: 1, note: 'again' }])
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ done: 1 }))
    .execute();
  await t.throwsAsync(db.insertInto('item').values({ id: 'a', done: 0, note: null }).execute(), {
    code: 'CONFLICT',
  });
  await t.throwsAsync(
    db.transaction().execute(async (transaction) => {
      await transaction.insertInto('item').values({ id: 'b', done: 0, note: null }).execute();
      throw new Error('undone');
    }),
    { message: 'undone' },
  );
  const changed = await db.updateTable('item').set({ note: 'x' }).where('id', '=', 'a').executeTakeFirst();
  t.is(changed.numUpdatedRows, 1n);
  await first.close();
  await first.close();
  await t.throwsAsync(first.database({ name: 'exercise', migrations }), { code: 'STORE' });

  const second = createStore({ ...options, log });
  const again = await second.database<Schema>({ name: 'exercise', migrations });
  t.deepEqual(await again.selectFrom('item').selectAll().execute(), [{ id: 'a', done: 1, note: 'x' }]);
  const count = await again
    .selectFrom('item')
    .select((f) => f.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow();
  t.is(count.n, 1);
  await second.close();
}

test('SQLite keeps what was committed, and only that', async (t) => {
  await exercise(t, { folder: join(await temporary(t), 'made', 'for', 'it') });
});

test('PostgreSQL answers the same queries alike', async (t) => {
  const server = await postgresForTests();
  if (typeof server === 'string') {
    t.log(`skipped: ${server}`);
    return t.pass();
  }
  try {
    await exercise(t, { url: server.url });
  } finally {
    await server.stop();
  }
});

test('a PostgreSQL that is not there is told without its password', async (t) => {
  const store = createStore({ url: 'postgres://doctor:hunter2@127.0.0.1:1/doctor', log });
  const error = await t.throwsAsync(store.database({ name: 'x', migrations }), {
    code: 'STORE',
    message: /does not answer/,
  });
  t.false(error?.message.includes('hunter2'));
  await store.close();
});

test('in memory without a folder; two databases are two', async (t) => {
  const store = createStore({ log });
  const one = await store.database<Schema>({ name: 'one', migrations });
  const two = await store.database<Schema>({ name: 'two', migrations });
  await one.insertInto('item').values({ id: 'a', done: 0, note: null }).execute();
  t.deepEqual(await two.selectFrom('item').selectAll().execute(), []);
  t.is(await store.database<Schema>({ name: 'one', migrations }), one);
  await store.close();
});

test('values that SQLite does not know are stored as it can, or refused, and never end the process', async (t) => {
  const store = createStore({ log });
  const db = await store.database<Schema>({ name: 'values', migrations });
  await db
    .insertInto('item')
    .values({ id: 'b', done: true as unknown as number, note: undefined as never })
    .execute();
  t.like(await db.selectFrom('item').selectAll().executeTakeFirst(), { done: 1, note: null });
  await t.throwsAsync(
    db
      .insertInto('item')
      .values({ id: 'c', done: 0, note: {} as string })
      .execute(),
    { code: 'STORE' },
  );
  await t.throwsAsync(sql`selec`.execute(db), { code: 'STORE', message: /database values: near "selec"/ });
  await store.close();
});

test('concurrent transactions do not mix', async (t) => {
  const store = createStore({ log });
  const db = await store.database<Schema>({ name: 'mixed', migrations });
  const add = (id: string, fail: boolean) =>
    db.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('item')
        .values({ id: `${id}1`, done: 0, note: null })
        .execute();
      await transaction
        .insertInto('item')
        .values({ id: `${id}2`, done: 0, note: null })
        .execute();
      if (fail) throw new Error('undone');
    });
  await Promise.allSettled([add('a', true), add('b', false), add('c', true)]);
  const rows = await db.selectFrom('item').select('id').orderBy('id').execute();
  t.deepEqual(
    rows.map(({ id }) => id),
    ['b1', 'b2'],
  );
  await store.close();
});

test('a file that is no database is told', async (t) => {
  const folder = await temporary(t);
  await writeFile(join(folder, 'bad.db'), 'this is no database '.repeat(500));
  const store = createStore({ folder, log });
  await t.throwsAsync(store.database({ name: 'bad', migrations }), {
    code: 'STORE',
    message: /bad\.db is damaged or no database/,
  });
  await store.close();
});

test('a folder that cannot be made is told', async (t) => {
  const folder = await temporary(t);
  await writeFile(join(folder, 'file'), '');
  const store = createStore({ folder: join(folder, 'file', 'sub'), log });
  await t.throwsAsync(store.database({ name: 'x', migrations }), {
    code: 'STORE',
    message: /cannot be made/,
  });
  await store.close();
});

test('a full disk is told', async (t) => {
  const store = createStore({ folder: await temporary(t), log });
  const db = await store.database<Schema>({ name: 'full', migrations });
  await sql`pragma max_page_count = 20`.execute(db);
  const fill = async () => {
    for (let i = 0; i < 100; i++)
      await db
        .insertInto('item')
        .values({ id: String(i), done: 0, note: 'x'.repeat(4000) })
        .execute();
  };
  await t.throwsAsync(fill(), { code: 'STORE', message: /the disk is full/ });
  await store.close();
});

test('a database that another process holds is told', async (t) => {
  const folder = await temporary(t);
  const [first, second] = [createStore({ folder, log }), createStore({ folder, log })];
  const holder = await first.database<Schema>({ name: 'held', migrations });
  const other = await second.database<Schema>({ name: 'held', migrations });
  await sql`pragma busy_timeout = 50`.execute(other);
  await holder.transaction().execute(async (transaction) => {
    await transaction.insertInto('item').values({ id: 'a', done: 0, note: null }).execute();
    const error = await t.throwsAsync(
      other.insertInto('item').values({ id: 'b', done: 0, note: null }).execute(),
      {
        code: 'STORE',
        message: /locked by another process/,
      },
    );
    t.true((error as unknown as { retryable: boolean }).retryable);
  });
  await first.close();
  await second.close();
});

test('the database of a newer Doctor is not touched', async (t) => {
  const folder = await temporary(t);
  const newer = createStore({ folder, log });
  await newer.database({ name: 'x', migrations: { ...migrations, '002_more': { up: async () => {} } } });
  await newer.close();
  const older = createStore({ folder, log });
  await t.throwsAsync(older.database({ name: 'x', migrations }), { code: 'STORE', message: /newer Doctor/ });
  await older.close();
});

test('what was committed survives kill -9', async (t) => {
  const folder = await temporary(t);
  const script = `
    import { createStore } from ${JSON.stringify(new URL('./store.js', import.meta.url).href)};
    import { sql } from 'kysely';
    const store = createStore({ folder: process.argv[1], log: { warn() {} } });
    const db = await store.database({ name: 'killed', migrations: { '001_item': { up: (db) => sql\`create table item (id text primary key, done integer, note text)\`.execute(db) } } });
    for (let i = 0; ; i++) {
      await db.insertInto('item').values({ id: String(i), done: 0, note: null }).execute();
      process.stdout.write(i + '\\n');
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = '';
  child.stdout.on('data', (chunk) => {
    told += String(chunk);
    if (told.split('\n').length > 50) child.kill('SIGKILL');
  });
  await once(child, 'close');
  const last = Number(told.trim().split('\n').at(-1));
  t.true(last >= 49);
  const store = createStore({ folder, log });
  const db = await store.database<Schema>({ name: 'killed', migrations });
  const rows = await db.selectFrom('item').select('id').execute();
  t.true(rows.length > last, `${rows.length} rows, told of ${last + 1}`);
  await store.close();
});
