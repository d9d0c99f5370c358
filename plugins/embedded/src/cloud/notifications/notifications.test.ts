import test from 'ava';
import { startTestBed, until } from '../cloud.test.helper.js';
import type { CloudNotification } from './notifications.js';

const names = (notifications: readonly CloudNotification[], versioned: boolean): string[] =>
  notifications
    .filter((one) => one.routingKey.startsWith('versioned') === versioned && one.exchange === 'nova')
    .map((one) => one.message.event_type);

test("an instance's life is told in order, versioned and not", async (t) => {
  const { member, boot, notifications } = await startTestBed(t);
  const { id } = await boot(member);
  t.deepEqual(names(notifications, false), [
    'compute.instance.update',
    'compute.instance.create.start',
    'compute.instance.update',
    'compute.instance.update',
    'compute.instance.create.end',
  ]);
  t.deepEqual(names(notifications, true), [
    'instance.update',
    'instance.create.start',
    'instance.update',
    'instance.update',
    'instance.create.end',
  ]);
  const end = notifications.find((one) => one.message.event_type === 'compute.instance.create.end')?.message;
  t.is(end?.payload['state'], 'active');
  t.regex(String(end?.payload['host']), /^compute-\d$/);
  t.is(end?.publisher_id, `compute.${String(end?.payload['host'])}`);

  notifications.length = 0;
  await member.nova('DELETE', `/servers/${id}`);
  await until(
    () => names(notifications, false),
    (seen) => seen.includes('compute.instance.delete.end'),
  );
  const update = notifications.findLast(
    (one) => one.message.event_type === 'compute.instance.update',
  )?.message;
  t.is(update?.payload['state'], 'deleted');
  t.is(update?.payload['old_task_state'], 'deleting');
});

test('a migration tells the new host, and force-down tells the service', async (t) => {
  const { admin, member, boot, notifications } = await startTestBed(t, { migrationMs: 1, confirmMs: 1 });
  const { id } = await boot(member);
  const before = String((await admin.server(id))['OS-EXT-SRV-ATTR:host']);
  notifications.length = 0;
  await admin.action(id, { migrate: null });
  await until(
    () => admin.server(id),
    (server) => server.status === 'VERIFY_RESIZE',
  );
  const finished = notifications.find(
    (one) => one.message.event_type === 'compute.instance.finish_resize.end',
  );
  t.not(finished?.message.payload['host'], before);
  t.true(names(notifications, true).includes('instance.resize_finish.end'));

  notifications.length = 0;
  await admin.nova(
    'PUT',
    '/os-services/force-down',
    { host: before, binary: 'nova-compute', forced_down: true },
    '2.11',
  );
  const [service] = notifications;
  t.is(service?.message.event_type, 'service.update');
  const data = service?.message.payload['nova_object.data'] as Record<string, unknown>;
  t.is(data['host'], before);
  t.true(data['forced_down']);
});

test('a listener that throws stops neither the cloud nor the others', async (t) => {
  const { cloud, member, boot, notifications } = await startTestBed(t, { onError: () => undefined });
  const end = cloud.onNotification(() => {
    throw new Error('listener');
  });
  t.is((await boot(member)).status, 'ACTIVE');
  end();
  t.true(notifications.length > 5);
});
