import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { type AppMessage, openApplicationStore, receive, until } from '@nfv-doctor/core/plugin-api';
import { createTestContext, systemClock as clock } from '@nfv-doctor/core/testing';
import { sql } from 'kysely';
import { openSessionRepository } from '../admin-tool/repository.js';
import { roomyCloud, startTool } from './harness.test.helper.js';

const run = promisify(execFile);
const helper = fileURLToPath(new URL('./disk-process.test.helper.js', import.meta.url));

interface Seen {
  reason: string;
  refusal: string;
  refused: string;
  touched: string[];
  told: number;
  health: { status: string; detail: string };
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-disk-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Nothing was done that could not be recorded; with room again, the session goes on to its end. */
async function judge(t: ExecutionContext, seen: Seen, folder: string, reason: RegExp): Promise<void> {
  t.regex(seen.reason, reason);
  t.regex(seen.reason, /admin_tool\.db/);
  t.regex(seen.refused, /admin_tool\.db/);
  t.deepEqual(seen.touched, []);
  t.is(seen.told, 0);
  t.is(seen.health.status, 'degraded');
  await endsWell(t, folder);
}

async function endsWell(t: ExecutionContext, folder: string): Promise<void> {
  const cloud = roomyCloud();
  const { tool, context, close } = await startTool({}, cloud, folder);
  try {
    const db = await context.store.database<never>({ name: 'admin_tool', migrations: {} });
    await sql`drop table if exists ballast`.execute(db);
    const session = await until(
      async () => {
        const [found] = await tool.sessions();
        return found !== undefined && /DONE|FAILED/.test(found.state) && found;
      },
      { clock, what: 'the end of the session', timeoutMs: 30_000, intervalMs: 20 },
    );
    t.is(session.state, 'MAINTENANCE_DONE', session.reason);
    t.is((await tool.sessions()).length, 1);
    t.is(new Set(cloud.accepted.map(({ id }) => id)).size, cloud.accepted.length);
    for (const { hostname, status } of cloud.hostsByName.values()) t.is(status, 'enabled', hostname);
  } finally {
    await close();
  }
}

test('a disk that is full stops the session before anything is done; it goes on when there is room', async (t) => {
  t.timeout(120_000);
  const mounted = async (folder: string) => {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
  };
  await withFolder(async (folder) => {
    try {
      await mounted(folder);
    } catch {
      t.log('no right to mount a small disk: the limit on the size of files has a test of its own');
      t.pass();
      return;
    }
    try {
      const { stdout } = await run(process.execPath, [helper, folder], { timeout: 60_000 });
      const seen = JSON.parse(stdout) as Seen;
      t.regex(seen.refusal, /disk is full/);
      // room again, as an operator would make it
      await run('mount', ['-o', 'remount,size=16m', folder]);
      await judge(t, seen, folder, /stands still: .*the disk is full; free some space/);
    } finally {
      await run('umount', [folder]);
    }
  });
});

test('a file that may not grow stops the session before anything is done; it goes on when it may', async (t) => {
  t.timeout(120_000);
  await withFolder(async (folder) => {
    // blocks of 512 bytes; a process that ignores the signal gets an error instead
    const command = `trap '' XFSZ; ulimit -f 1600; exec "$0" "$@"`;
    const { stdout } = await run('/bin/sh', ['-c', command, process.execPath, helper, folder], {
      timeout: 60_000,
    });
    await judge(
      t,
      JSON.parse(stdout) as Seen,
      folder,
      /stands still: .*(the disk is full|input\/output error)/,
    );
  });
});

/** Another connection that writes, and does not come to an end. */
async function lock(folder: string, name: string, open: (store: never) => Promise<unknown>) {
  const { store, close } = await createTestContext({ folder });
  await open(store as never);
  const db = await store.database<never>({ name, migrations: {} });
  await sql`begin exclusive`.execute(db);
  return async () => {
    await sql`rollback`.execute(db);
    await close();
  };
}

test('a locked database stops the session before anything is done; it goes on when it is free', async (t) => {
  t.timeout(120_000);
  await withFolder(async (folder) => {
    const cloud = roomyCloud();
    const touched: string[] = [];
    cloud.before = (call) => {
      if (/able|igrat/.test(call)) touched.push(call);
    };
    const { tool, bus, close } = await startTool({}, cloud, folder);
    t.teardown(() => close().catch(() => {}));
    const maintenance_at = new Date(clock.now() + 2000).toISOString();
    const { sessionId } = await tool.create({ hosts: ['c1', 'c2'], maintenance_at });
    const unlock = await lock(folder, 'admin_tool', openSessionRepository);
    const told = bus.published.length;
    const session = await until(
      async () => {
        const found = await tool.session(sessionId);
        return found.reason !== undefined && found;
      },
      { clock, what: 'the session to stand still', timeoutMs: 60_000, intervalMs: 20 },
    );
    t.regex(session.reason ?? '', /stands still: .*admin_tool\.db is locked by another process; stop it/);
    const later = new Date(clock.now() + 60_000).toISOString();
    await t.throwsAsync(tool.create({ hosts: ['c3'], maintenance_at: later }), { code: 'STORE' });
    t.deepEqual(touched, []);
    t.is(bus.published.length, told);
    t.is(tool.health().status, 'degraded');
    await unlock();
    await close();
    await endsWell(t, folder);
  });
});

test('an application whose database is locked takes no message that it could not store', async (t) => {
  t.timeout(60_000);
  await withFolder(async (folder) => {
    const context = await createTestContext({ folder });
    const store = await openApplicationStore(context.store);
    const record = {
      projectId: 'p',
      secret: 's',
      redundant: [],
      scalable: [],
      blueprints: {},
      released: [],
      replacing: [],
      inbox: [],
      handled: [],
    };
    await store.save(record);
    const unlock = await lock(folder, 'app_manager', openApplicationStore);
    const message = { id: 'm', sessionId: 'x', projectId: 'p' } as AppMessage;
    await t.throwsAsync(receive(record, message, 0, store), { code: 'STORE', message: /is locked/ });
    t.deepEqual(record.inbox, []);
    await unlock();
    t.truthy(await receive(record, message, 0, store));
    t.is((await store.all())[0]?.inbox.length, 1);
    await context.close();
  });
});
