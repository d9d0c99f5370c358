import { randomUUID } from 'node:crypto';
import type { Notification } from '@nfv-doctor/core/plugin-api';
import { createVirtualClock, createWebhookSink, errorAlarm, instanceUpdate } from '@nfv-doctor/core/testing';
import test, { type ExecutionContext } from 'ava';
import { type StartOptions, startNotifier } from './test-notifier.test.helper.js';

const owner = { projectId: 'p', userId: 'u', credentials: { authUrl: '' } };

async function make(t: ExecutionContext, options: StartOptions = {}) {
  const sink = await createWebhookSink();
  t.teardown(() => sink.close());
  const running = await startNotifier(t, options);
  const url = new URL('/failure', sink.url).href;
  const instanceId = randomUUID();
  const shortcut = (state: string, oldState?: string): Notification => {
    const nova = instanceUpdate(instanceId, 'p', state, oldState);
    return { ...nova, publisherId: 'doctor.inspector', payload: { ...nova.payload, doctor_fault_id: 'f' } };
  };
  const nova = (state: string, oldState?: string) => instanceUpdate(instanceId, 'p', state, oldState);
  return { sink, url, instanceId, shortcut, nova, ...running };
}

const states = (sink: { received: { path: string; body: { current: string; previous: string } }[] }) =>
  sink.received.map(({ path, body }) => `${path} ${body.previous} -> ${body.current}`);

test('an alarm goes to ok when the instance recovers, and fires again after that', async (t) => {
  const { notifier, bus, sink, url, instanceId, nova } = await make(t);
  await notifier.createAlarm(errorAlarm(instanceId, url, { ok_actions: [`${url}/ok`] }), owner);
  for (const event of [nova('error'), nova('active'), nova('active'), nova('error')])
    await bus.publish(event);
  await sink.wait(3);
  t.deepEqual(states(sink), [
    '/failure insufficient data -> alarm',
    '/failure/ok alarm -> ok',
    '/failure ok -> alarm',
  ]);
  t.regex(sink.received[1]?.body.reason ?? '', /no longer hits the query/);
});

test('an update in which the state did not change is no recovery', async (t) => {
  const { notifier, bus, sink, url, instanceId, shortcut, nova } = await make(t);
  const { alarm_id: id } = await notifier.createAlarm(
    errorAlarm(instanceId, url, { ok_actions: [`${url}/ok`] }),
    owner,
  );
  await bus.publish(shortcut('error'));
  await bus.publish(nova('active', 'active'));
  await sink.wait(1);
  t.is((await notifier.getAlarm(id, owner)).state, 'alarm');
});

test('an alarm on many instances is ok when the last of them is', async (t) => {
  const { notifier, bus, sink, url, instanceId } = await make(t);
  const rule = {
    event_type: 'compute.instance.update',
    query: [{ field: 'traits.state', op: 'eq', type: 'string', value: 'error' }],
  };
  const request = errorAlarm(instanceId, url, {
    event_rule: rule,
    ok_actions: [`${url}/ok`],
    repeat_actions: true,
  });
  const { alarm_id: id } = await notifier.createAlarm(request, owner);
  for (const [vm, state] of [
    ['a', 'error'],
    ['b', 'error'],
    ['c', 'active'],
    ['a', 'active'],
    ['b', 'active'],
  ] as const)
    await bus.publish(instanceUpdate(vm, 'p', state));
  await sink.wait(3);
  t.deepEqual(states(sink), [
    '/failure insufficient data -> alarm',
    '/failure alarm -> alarm',
    '/failure/ok alarm -> ok',
  ]);
  t.is((await notifier.getAlarm(id, owner)).state, 'ok');
});

test('one transition told by three voices fires once, told twice by one voice it fires twice', async (t) => {
  const { notifier, bus, sink, url, instanceId, shortcut, nova } = await make(t);
  await notifier.createAlarm(errorAlarm(instanceId, url, { repeat_actions: true }), owner);
  const versioned: Notification = {
    ...nova('error'),
    eventType: 'instance.update',
    payload: {
      'nova_object.data': {
        uuid: instanceId,
        tenant_id: 'p',
        state_update: { 'nova_object.data': { state: 'error', old_state: 'active' } },
      },
    },
  };
  const [first, again] = [shortcut('error'), shortcut('error')];
  for (const event of [first, nova('error'), versioned, again]) await bus.publish(event);
  await bus.publish(nova('active'));
  const second = nova('error');
  await bus.publish(second);
  await sink.wait(3);
  t.deepEqual(
    sink.received.map(({ body }) => body.reason_data.event.message_id),
    [first.messageId, again.messageId, second.messageId],
  );
});

test('an echo still fires an alarm that the first voice did not match', async (t) => {
  const { notifier, bus, sink, url, instanceId, shortcut, nova } = await make(t);
  const request = errorAlarm(instanceId, url);
  request.event_rule.query?.push({ field: 'traits.service', op: 'eq', type: 'string', value: 'compute' });
  await notifier.createAlarm(request, owner);
  await bus.publish(shortcut('error'));
  await bus.publish(nova('error'));
  await sink.wait(1);
  t.is(sink.received.length, 1);
});

test('the same message twice is one', async (t) => {
  const { notifier, bus, sink, url, instanceId, nova } = await make(t);
  await notifier.createAlarm(errorAlarm(instanceId, url, { repeat_actions: true }), owner);
  const [event, other] = [nova('error'), nova('error')];
  for (const each of [event, event, other]) await bus.publish(each);
  await sink.wait(2);
  t.deepEqual(
    sink.received.map(({ body }) => body.reason_data.event.message_id),
    [event.messageId, other.messageId],
  );
});

test('T05 to T08 are emitted for the instance, in order', async (t) => {
  const { context, notifier, bus, sink, url, instanceId, nova } = await make(t);
  await notifier.createAlarm(errorAlarm(instanceId, url), owner);
  await bus.publish(nova('error'));
  await bus.publish(nova('active'));
  await sink.wait(1);
  const checkpoints = context.recorded.flatMap(({ name, data }) =>
    name === 'checkpoint' ? [data as { name: string; at: number; instanceId: string }] : [],
  );
  t.deepEqual(
    checkpoints.map(({ name }) => name),
    ['T05', 'T06', 'T07', 'T08'],
  );
  t.true(
    checkpoints.every(
      (each, index) => each.instanceId === instanceId && each.at >= (checkpoints[index - 1]?.at ?? 0),
    ),
  );
});

test('held back: the alarm of a shortcut waits for the cloud', async (t) => {
  const { context, notifier, bus, sink, url, instanceId, shortcut } = await make(t, {
    config: { hold_until_state_changed: true, hold_timeout: 60_000 },
  });
  const other = randomUUID();
  await notifier.createAlarm(errorAlarm(instanceId, url), owner);
  await notifier.createAlarm(errorAlarm(other, `${url}/other`), owner);
  await bus.publish(shortcut('error'));
  await bus.publish(instanceUpdate(other, 'p', 'error'));
  await sink.wait(1);
  t.deepEqual(
    sink.received.map(({ path }) => path),
    ['/failure/other'],
  );
  context.events.checkpoint({ name: 'T03', instanceId });
  await sink.wait(2);
  t.is(sink.received[1]?.path, '/failure');
});

test('held back: a notification of Nova confirms as well, also one that came first', async (t) => {
  const { notifier, bus, sink, url, instanceId, shortcut, nova } = await make(t, {
    config: { hold_until_state_changed: true, hold_timeout: 60_000 },
  });
  await notifier.createAlarm(errorAlarm(instanceId, url, { repeat_actions: true }), owner);
  await bus.publish(shortcut('error'));
  await bus.publish(nova('error'));
  await sink.wait(1);
  await bus.publish(shortcut('error'));
  await sink.wait(2);
  t.is(sink.received.length, 2);
});

test('held back: not for ever', async (t) => {
  const clock = createVirtualClock();
  const { notifier, bus, sink, url, instanceId, shortcut } = await make(t, {
    clock,
    config: { hold_until_state_changed: true, hold_timeout: 3000 },
  });
  await notifier.createAlarm(errorAlarm(instanceId, url), owner);
  await bus.publish(shortcut('error'));
  await clock.advance(2999);
  t.is(notifier.pending, 0);
  await clock.advance(1);
  await sink.wait(1);
  t.is(sink.received.length, 1);
});
