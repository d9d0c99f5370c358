import { randomUUID } from 'node:crypto';
import type { Doctor } from '@nfv-doctor/core';
import type { Controller, MessageBus, Notification } from '@nfv-doctor/core/plugin-api';
import test, { type ExecutionContext } from 'ava';
import { eventually } from '../controller/timing.js';
import { startOnCloud } from './support/doctor.js';

/** A call and its notification cross on their ways: each is given this long after the other. */
const LATEST_MS = 1_000;

const name = `bus-${randomUUID().slice(0, 8)}`;
let doctor: Doctor;
let bus: MessageBus;
let admin: Controller;
let instanceId = '';
const heard: { at: number; notification: Notification }[] = [];
const undo: (() => Promise<unknown>)[] = [];

test.before(async () => {
  doctor = await startOnCloud(['message_bus', 'controller']);
  bus = doctor.role('message_bus');
  admin = doctor.role('controller');
  await bus.subscribe(['compute.instance.*'], (notification) => {
    heard.push({ at: performance.now(), notification });
  });
});

test.after.always('everything made is taken away', async () => {
  const failures: unknown[] = [];
  for (const step of undo.toReversed()) await step().catch((error: unknown) => failures.push(error));
  await doctor?.stop();
  if (failures.length > 0) throw failures[0];
});

const find = (eventType: string, payload: Record<string, unknown> = {}, from = 0) =>
  heard
    .slice(from)
    .find(
      ({ notification }) =>
        notification.eventType === eventType &&
        Object.entries({ instance_id: instanceId, ...payload }).every(
          ([key, value]) => notification.payload[key] === value,
        ),
    );

async function hears(t: ExecutionContext, eventType: string, call: () => Promise<unknown>, payload = {}) {
  const from = heard.length;
  const before = performance.now();
  await call();
  const answered = performance.now();
  const found = await eventually(`${eventType} of ${name}`, () => find(eventType, payload, from));
  t.log(
    `${eventType}: call ${(answered - before).toFixed(0)} ms, heard after ${(found.at - before).toFixed(0)} ms`,
  );
  t.true(found.at - answered < LATEST_MS);
  return found.notification;
}

test.serial('an instance that is created is heard of with its host', async (t) => {
  const network = await admin.network.createNetwork(name);
  undo.push(() => admin.network.deleteNetwork(network.id));
  await admin.network.createSubnet(network.id, name, '10.78.0.0/24');
  const [image] = await admin.image.images({ name: 'cirros' });
  const flavor = (await admin.compute.flavors()).find((each) => each.name === 'm1.tiny');
  const request = { name, flavorId: flavor?.id ?? '', imageId: image?.id ?? '', networkIds: [network.id] };
  instanceId = (await admin.compute.createInstance(request)).id;
  undo.push(() => admin.compute.deleteInstance(instanceId));
  const created = await eventually('the end of the creation', () => find('compute.instance.create.end'));
  const { hostname, status } = await eventually('the instance to be ACTIVE', async () => {
    const now = await admin.compute.instance(instanceId);
    return now.status === 'ACTIVE' && now;
  });
  t.is(created.notification.payload['host'], hostname);
  t.is(status, 'ACTIVE');
});

test.serial('reset-state is heard of at once, with the compute host', async (t) => {
  for (const [state, old] of [
    ['error', 'active'],
    ['active', 'error'],
    ['error', 'active'],
  ] as const) {
    const notification = await hears(
      t,
      'compute.instance.update',
      () => admin.compute.resetState(instanceId, state),
      {
        state,
        old_state: old,
      },
    );
    t.is(notification.payload['host'], (await admin.compute.instance(instanceId)).hostname);
    t.regex(notification.timestamp, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  }
});

test.serial('the end of an instance is heard of', async (t) => {
  const from = heard.length;
  await admin.compute.deleteInstance(instanceId);
  await eventually('the end of the deletion', () => find('compute.instance.delete.end', {}, from));
  await eventually(
    'the instance to be gone',
    async () => (await admin.compute.instances({ name })).length === 0,
  );
  t.pass();
});
