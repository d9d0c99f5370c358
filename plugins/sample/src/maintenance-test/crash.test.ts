import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import {
  DoctorError,
  MAINTENANCE_HOST,
  MAINTENANCE_SCHEDULED,
  type MaintenanceSession,
  type Notification,
  until,
} from '@nfv-doctor/core/plugin-api';
import { checkMaintenance, FakeMessageBus, systemClock as clock } from '@nfv-doctor/core/testing';
import { type DeskUnderTest, noteMessages } from './desk.test.helper.js';
import { startApp } from './model-app.test.helper.js';
import { ModelCloud } from './model-cloud.test.helper.js';
import { KILL_EVERY, Lives } from './lives.test.helper.js';
import type { When } from './mortal.test.helper.js';
import { callOf } from './rpc.test.helper.js';

/** Asks for the session until there is one: the process may die before it has answered, or be slow to start. */
async function createOnce(desk: Lives): Promise<string> {
  for (;;) {
    const [session] = await desk.call<MaintenanceSession[]>('sessions');
    if (session) return session.sessionId;
    const maintenance_at = new Date(clock.now() + 2500).toISOString();
    await desk.call('create', { maintenance_at }).catch((error: unknown) => {
      // asked for once more after a crash: it is there already, or its time has come meanwhile
      if (!DoctorError.is(error) || error.code !== 'MAINTENANCE_REFUSED') throw error;
    });
  }
}

/** Kills the admin tool around steps that it stores, until the session has ended. */
async function sweep(t: ExecutionContext, when: When, write: (life: number) => number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-crash-'));
  const cloud = new ModelCloud({ clock, migrationMs: 30, confirmMs: 10, bootMs: 10 });
  for (const hostname of ['c1', 'c2', 'c3']) cloud.addHost(hostname, 2);
  cloud.addGroup('pair');
  cloud.addInstance('r1', 'c1', { groupId: 'pair' });
  cloud.addInstance('s1', 'c1');
  cloud.addInstance('r2', 'c2', { groupId: 'pair' });
  cloud.addInstance('s2', 'c2');
  cloud.addInstance('s3', 'c3');
  cloud.addInstance('s4', 'c3');
  cloud.addFloatingIp('vip', 'r1');
  const at = clock.monotonic();
  for (const change of cloud.log) change.at = at;
  const bus = new FakeMessageBus();
  noteMessages(bus, cloud, clock);
  const parts = { compute: cloud.compute, notifier: { listAlarms: cloud.listAlarms } };
  const desk = new Lives({
    module: './admin-process.test.helper.js',
    folder,
    when,
    write,
    handle: (method, args) =>
      method === 'publish' ? void bus.publish(args[0] as Notification) : callOf(parts, method, args),
  });
  cloud.publish = (notification) => desk.tell('notify', notification);
  try {
    const facade = {
      desk: {
        project: (...args: unknown[]) => desk.call('project', ...args),
        answer: (...args: unknown[]) => desk.call('answer', ...args),
      },
      bus,
    } as unknown as DeskUnderTest;
    const app = await startApp({
      desk: facade,
      cloud,
      clock,
      projectId: 'p',
      redundant: ['r1', 'r2'],
      scalable: ['s1', 's2', 's3', 's4'],
      floatingIpId: 'vip',
    });
    const sessionId = await createOnce(desk);
    let state = '';
    const session = await until(
      async () => {
        const seen = await desk.call<MaintenanceSession>('session', sessionId);
        if (seen.state !== state)
          cloud.note({ kind: 'session', sessionId: seen.sessionId, state: seen.state });
        state = seen.state;
        return ['MAINTENANCE_DONE', 'MAINTENANCE_FAILED'].includes(seen.state) && seen;
      },
      { clock, what: 'the end of the session', timeoutMs: 240_000, intervalMs: 20 },
    );
    await app.settled();
    t.is(session.state, 'MAINTENANCE_DONE', session.reason);
    const { violations } = checkMaintenance(cloud.log, {
      hosts: ['c1', 'c2', 'c3'],
      outcome: 'MAINTENANCE_DONE',
    });
    t.deepEqual(violations, []);
    // nothing twice: four instances were left and moved, three hosts were worked on
    t.deepEqual(cloud.accepted.map(({ id }) => id).toSorted(), ['r1', 'r2', 's1', 's2']);
    const worked = (await readFile(join(folder, 'worked'), 'utf8')).trim().split('\n');
    t.deepEqual(worked.toSorted(), ['c1', 'c2', 'c3']);
    for (const { hostname, status } of cloud.hostsByName.values()) t.is(status, 'enabled', hostname);
    // whoever sees each message once by its id sees each host's turn once
    const ids = new Set(bus.published.map(({ messageId }) => messageId));
    const kinds = new Map(bus.published.map((each) => [each.messageId, each.eventType]));
    t.is([...kinds.values()].filter((type) => type === MAINTENANCE_HOST).length, 6);
    t.true([...kinds.values()].filter((type) => type === MAINTENANCE_SCHEDULED).length >= 8);
    t.log(`${desk.count} lives, ${bus.published.length} messages sent, ${ids.size} different`);
    return desk.count;
  } finally {
    await desk.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Of the 40 steps that a session takes at least. */
const LIVES = Math.floor(40 / KILL_EVERY);

test('killed after a step is stored, before anything of it is done', async (t) => {
  t.timeout(300_000);
  // the first write of a life notes that it was resumed, the second is the session's next step
  t.true((await sweep(t, 'after', () => 1 + KILL_EVERY)) >= LIVES);
});

test('killed when the next thing has been done, and could not be stored', async (t) => {
  t.timeout(300_000);
  t.true((await sweep(t, 'before', (life) => (life === 1 ? 1 : 2) + KILL_EVERY)) >= LIVES);
});
