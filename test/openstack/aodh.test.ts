import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Doctor } from '@nfv-doctor/core';
import {
  type AlarmNotification,
  type AlarmRequest,
  type MessageBus,
  type Notification,
  type Notifier,
  type ProjectOwner,
  parsePythonLiteral,
} from '@nfv-doctor/core/plugin-api';
import { notifierContract } from '@nfv-doctor/core/testing';
import test, { type TestFn } from 'ava';
import { startOnCloud } from './support/doctor.js';
import { eventually, timed } from '../controller/timing.js';

const name = `aodh-${randomUUID().slice(0, 8)}`;
let doctor: Doctor;
let notifier: Notifier;
let bus: MessageBus;
let owner: ProjectOwner;
const received: { at: number; body: AlarmNotification }[] = [];
const consumer = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    received.push({
      at: performance.now(),
      body: JSON.parse(Buffer.concat(chunks).toString()) as AlarmNotification,
    });
    response.end();
  });
});
let url = '';

test.before(async () => {
  await new Promise<void>((resolve) => consumer.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(consumer.address() as AddressInfo).port}/failure`;
  doctor = await startOnCloud(['message_bus', 'controller', 'notifier']);
  notifier = doctor.role('notifier');
  bus = doctor.role('message_bus');
  owner = await doctor
    .role('controller')
    .identity.createOwner({ project: name, user: name, password: randomUUID() });
});

test.after.always(async () => {
  for (const each of [owner, stranger.made])
    if (each) await doctor.role('controller').identity.deleteOwner(each);
  await doctor?.stop();
  consumer.closeAllConnections();
  consumer.close();
});

const request = (changes: Partial<AlarmRequest> = {}): AlarmRequest => ({
  name,
  type: 'event',
  severity: 'critical',
  repeat_actions: true,
  alarm_actions: [url],
  event_rule: { event_type: 'maintenance.scheduled', query: [] },
  ...changes,
});

const notification = (payload: Record<string, unknown>): Notification => ({
  messageId: randomUUID(),
  publisherId: 'doctor',
  eventType: 'maintenance.scheduled',
  priority: 'INFO',
  payload: { project_id: owner.projectId, service: 'maintenance', ...payload },
  timestamp: new Date().toISOString(),
});

test.serial('an alarm is made, found, changed and deleted with its owner', async (t) => {
  const alarm = await timed(t, 'create', () => notifier.createAlarm(request(), owner));
  t.like(alarm, {
    name,
    severity: 'critical',
    state: 'insufficient data',
    project_id: owner.projectId,
    repeat_actions: true,
  });
  t.deepEqual(alarm.alarm_actions, [url]);
  t.deepEqual(await notifier.getAlarm(alarm.alarm_id, owner), alarm);
  t.deepEqual(
    (await timed(t, 'list', () => notifier.listAlarms(owner))).map(({ alarm_id }) => alarm_id),
    [alarm.alarm_id],
  );
  t.false((await notifier.listAlarms()).some(({ alarm_id }) => alarm_id === alarm.alarm_id));
  t.true(
    (await notifier.listAlarms(undefined, { allProjects: true })).some(
      ({ alarm_id }) => alarm_id === alarm.alarm_id,
    ),
  );

  const changed = await timed(t, 'update', () =>
    notifier.updateAlarm(alarm.alarm_id, { severity: 'low', enabled: false }, owner),
  );
  t.like(changed, { severity: 'low', enabled: false, alarm_actions: [url] });
  await timed(t, 'state', () => notifier.setAlarmState(alarm.alarm_id, 'ok', owner));
  t.is((await notifier.getAlarm(alarm.alarm_id, owner)).state, 'ok');

  await timed(t, 'delete', () => notifier.deleteAlarm(alarm.alarm_id, owner));
  await t.notThrowsAsync(notifier.deleteAlarm(alarm.alarm_id, owner));
  await t.throwsAsync(notifier.getAlarm(alarm.alarm_id, owner), { message: /alarming: GET .* answered 404/ });
});

test.serial(
  'what Doctor publishes reaches the consumer through Ceilometer and Aodh, with literals that can be read',
  async (t) => {
    const alarm = await notifier.createAlarm(request(), owner);
    const allowed = ['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION'];
    const took: number[] = [];
    for (let round = 0; round < 10; round++) {
      received.length = 0;
      const sentAt = performance.now();
      await bus.publish(
        notification({
          state: 'MAINTENANCE',
          allowed_actions: allowed,
          metadata: { openstack_version: 'Zed' },
          session_id: name,
        }),
      );
      const { at, body } = await eventually('the alarm', () => received[0]);
      took.push(Math.round(at - sentAt));
      t.is(body.alarm_id, alarm.alarm_id);
      const trait = (wanted: string) =>
        String(body.reason_data.event.traits.find(([key]) => key === wanted)?.[2]);
      t.deepEqual(parsePythonLiteral(trait('allowed_actions')), allowed);
      t.deepEqual(parsePythonLiteral(trait('metadata')), { openstack_version: 'Zed' });
      t.is(trait('session_id'), name);
    }
    took.sort((a, b) => a - b);
    t.log(`publish to alarm: ${took.join(', ')} ms`);
    // left for the notifier to delete when it stops
    t.is((await notifier.listAlarms(owner)).length, 1);
  },
);

test.serial('stop deletes what is left', async (t) => {
  await notifier.stop(AbortSignal.timeout(30_000));
  t.deepEqual(await notifier.listAlarms(owner), []);
});

const stranger = {} as { made?: ProjectOwner };

notifierContract(
  test.serial as unknown as TestFn,
  async () => {
    const { identity } = doctor.role('controller');
    const other = `${name}-stranger`;
    stranger.made ??= await identity.createOwner({ project: other, user: other, password: randomUUID() });
    return {
      notifier,
      publish: (each: Notification) => bus.publish(each),
      ordered: false,
      owners: [owner, stranger.made],
      stop: () => notifier.stop(AbortSignal.timeout(30_000)),
    };
  },
  { name: 'Aodh' },
);
