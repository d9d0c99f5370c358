import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import {
  type AlarmNotification,
  MAINTENANCE_SCHEDULED,
  type Notification,
  type ProjectMessage,
  until,
} from '@nfv-doctor/core/plugin-api';
import { checkMaintenance, maintenanceAlarm, systemClock as clock } from '@nfv-doctor/core/testing';
import { noteMessages } from './desk.test.helper.js';
import { startTool } from './harness.test.helper.js';
import { KILL_EVERY, Lives } from './lives.test.helper.js';
import { ModelCloud } from './model-cloud.test.helper.js';
import type { When } from './mortal.test.helper.js';
import { callOf } from './rpc.test.helper.js';

interface StoredAlarm {
  alarm_id: string;
  name: string;
  alarm_actions: string[];
}

/** Alarms of a notifier that lives on. */
function alarmsOf(cloud: ModelCloud) {
  const alarms = new Map<string, StoredAlarm>();
  return {
    alarms,
    createAlarm: async (request: Omit<StoredAlarm, 'alarm_id'>) => {
      const alarm = { alarm_id: `alarm-${alarms.size}`, ...request };
      alarms.set(alarm.alarm_id, alarm);
      cloud.subscribe('p');
      return alarm;
    },
    updateAlarm: async (alarm_id: string, request: Omit<StoredAlarm, 'alarm_id'>) => {
      const alarm = { alarm_id, ...request };
      alarms.set(alarm_id, alarm);
      return alarm;
    },
    listAlarms: async () => [...alarms.values()],
  };
}

function alarmFor({ messageId, payload }: Notification): AlarmNotification {
  const { state, session_id, instance_ids, reply_url, reply_at } = payload as unknown as ProjectMessage;
  const owner = { projectId: 'p', userId: 'u', credentials: { authUrl: '' } };
  const alarm = maintenanceAlarm(
    { url: reply_url, application: { owner, redundant: [], scalable: [] } },
    state,
    { id: messageId },
  );
  const { event } = alarm.reason_data;
  const given = { session_id, instance_ids, reply_url, reply_at };
  event.traits = event.traits.map(([name, type, value]) => [
    name,
    type,
    name in given ? (given as Record<string, unknown>)[name] : value,
  ]) as typeof event.traits;
  return alarm;
}

/** As a notifier does: until it is taken, wherever the app manager listens by then. */
async function deliver(alarm: AlarmNotification, url: () => string | undefined): Promise<void> {
  const taken = async () => {
    const at = url();
    if (at === undefined) return false;
    const response = await fetch(at, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alarm),
    }).catch(() => undefined);
    return response?.ok === true;
  };
  await until(taken, { clock, what: 'the alarm to be taken', timeoutMs: 120_000, intervalMs: 20 });
}

/** Kills the app manager around writes of its record, until the session has ended. */
async function sweep(t: ExecutionContext, when: When, first: number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-app-kill-'));
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
  const begun = clock.monotonic();
  for (const change of cloud.log) change.at = begun;
  const { tool, bus, context, close } = await startTool(
    { reply_timeout: 240_000, move_timeout: 240_000 },
    cloud,
  );
  noteMessages(bus, cloud, clock);
  const refused: string[] = [];
  context.events.on('maintenance.session', ({ sessionId, state }) =>
    cloud.note({ kind: 'session', sessionId, state }),
  );
  context.events.on('maintenance.answer', ({ accepted, state, reason = '' }) => {
    if (!accepted) refused.push(`${state}: ${reason}`);
  });
  const notifier = alarmsOf(cloud);
  let [seen, at] = ['', first];
  const lives = new Lives({
    module: './app-process.test.helper.js',
    folder,
    when,
    write: (life) => {
      if (life === 1) return first;
      const last = readFileSync(join(folder, 'last-write'), 'utf8');
      // what a life stores again has been stored before: the next one comes further
      at = last === seen ? at + 1 : first;
      seen = last;
      return at;
    },
    handle: (method, args) =>
      callOf({ compute: cloud.compute, network: cloud.network, notifier }, method, args),
  });
  const deliveries: Promise<void>[] = [];
  try {
    const url = () => [...notifier.alarms.values()][0]?.alarm_actions[0];
    await until(() => url() !== undefined, { clock, what: 'the alarm', timeoutMs: 60_000, intervalMs: 20 });
    await bus.subscribe([MAINTENANCE_SCHEDULED], (message) => {
      deliveries.push(deliver(alarmFor(message), url));
    });
    // the first answer is due by then, and several lives long in the making
    const maintenance_at = new Date(clock.now() + 12_000).toISOString();
    const { sessionId } = await tool.create({ maintenance_at });
    const session = await until(
      async () => {
        const found = await tool.session(sessionId);
        return /DONE|FAILED/.test(found.state) && found;
      },
      { clock, what: 'the end of the session', timeoutMs: 240_000, intervalMs: 20 },
    );
    await Promise.all(deliveries);
    await until(() => cloud.instancesById.size === 6, {
      clock,
      what: 'all instances to be there',
      timeoutMs: 60_000,
      intervalMs: 20,
    });
    t.is(session.state, 'MAINTENANCE_DONE', session.reason);
    const { violations } = checkMaintenance(cloud.log, {
      hosts: ['c1', 'c2', 'c3'],
      outcome: 'MAINTENANCE_DONE',
    });
    t.deepEqual(violations, []);
    // an answer that was given, and not known to have been given, is given again: it changes nothing
    for (const each of refused) t.regex(each, /the last question was|has already been answered/);
    // two were released and made again, two re-created: nothing was made twice, nothing else was removed
    const removed = cloud.log.filter((change) => change.kind === 'instance' && change.status === 'DELETED');
    const made = new Set(
      cloud.log.flatMap((change) =>
        change.kind === 'instance' && change.status === 'BUILD' ? [change.id] : [],
      ),
    );
    t.is(made.size, removed.length);
    t.is(new Set(removed.map((change) => 'id' in change && change.id)).size, removed.length);
    t.is(notifier.alarms.size, 1);
    t.log(`${lives.count} lives, ${made.size} instances made`);
    return lives.count;
  } finally {
    await lives.stop();
    await close();
    await rm(folder, { recursive: true, force: true });
  }
}

// the first write of a life says where it listens
test('an app manager killed after a write goes on', async (t) => {
  t.timeout(300_000);
  t.true((await sweep(t, 'after', 1 + KILL_EVERY)) >= 12 / KILL_EVERY);
});

test('an app manager killed when something has been done, and could not be stored, goes on', async (t) => {
  t.timeout(300_000);
  t.true((await sweep(t, 'before', 2 + KILL_EVERY)) >= 8 / KILL_EVERY);
});
