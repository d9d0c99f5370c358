import { DoctorError, signBody } from '@nfv-doctor/core/plugin-api';
import { consumerContract, consumerHarness, type ConsumerSurroundings } from '@nfv-doctor/core/testing';
import test from 'ava';
import { type ConsumerConfig, consumerConfig } from './config.js';
import { Duplicates } from './duplicates.js';
import { SampleConsumer } from './sample-consumer.js';

const defaults = Object.fromEntries(
  Object.entries(consumerConfig).map(([key, option]) => [key, option.default]),
) as unknown as ConsumerConfig;

const consumerWith =
  (change: Partial<ConsumerConfig> = {}) =>
  (surroundings: ConsumerSurroundings) =>
    new SampleConsumer({ ...defaults, poll_interval: 1, ...change }, surroundings, surroundings.log);

const signal = () => AbortSignal.timeout(10_000);

consumerContract(test, consumerWith());

test('with a secret only signed alarms are taken, and not old ones', async (t) => {
  const secret = 'among friends';
  const { consumer, notifier, instances, owner } = await consumerHarness(
    t,
    consumerWith({ hmac_secret: secret }),
  );
  await consumer.protect(instances, owner);
  const body = JSON.stringify(notifier.notification('instance-0'));
  const post = (header?: string) =>
    fetch(consumer.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(header ? { 'x-doctor-signature': header } : {}) },
      body,
    });
  t.is((await post()).status, 401);
  t.is((await post(signBody('a guess', body, Date.now()))).status, 401);
  t.is((await post(signBody(secret, `${body} `, Date.now()))).status, 401);
  t.is((await post(signBody(secret, body, Date.now() - 3_600_000))).status, 401);
  t.is((await post(signBody(secret, body, Date.now()))).status, 202);
});

test('with a token the alarm actions carry it, and alarms without it are refused', async (t) => {
  const { consumer, notifier, instances, owner } = await consumerHarness(
    t,
    consumerWith({ token: 's3cret' }),
  );
  await consumer.protect(instances, owner);
  t.is((await notifier.fire('instance-0')).status, 202);
  const bare = new URL(consumer.endpoint);
  bare.search = '';
  const body = JSON.stringify(notifier.notification('instance-0'));
  const post = (headers: Record<string, string>) =>
    fetch(bare, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
  t.is((await post({})).status, 401);
  t.is((await post({ 'x-auth-token': 'wrong' })).status, 401);
  t.is((await post({ authorization: 'Bearer s3cret' })).status, 202);
});

test('a replacement that lands on the host that is down, or fails, is removed and made again', async (t) => {
  const { consumer, notifier, controller, instances, owner, fail } = await consumerHarness(t, consumerWith());
  await consumer.protect(instances, owner);
  fail();
  controller.before = ({ name }) => {
    if (name !== 'instances') return;
    Object.assign(controller.instances.get('created-1') ?? {}, { hostStatus: 'DOWN' });
    Object.assign(controller.instances.get('created-2') ?? {}, { status: 'ERROR', fault: 'no valid host' });
  };
  await notifier.fire('instance-0');
  const replacement = await consumer.replacement('instance-0', signal());
  t.is(replacement.id, 'created-3');
  t.deepEqual([...controller.instances.keys()].toSorted(), ['created-3', 'instance-0', 'instance-1']);
});

test('a cloud that refuses for good is told, with the reason', async (t) => {
  const { consumer, notifier, controller, instances, owner } = await consumerHarness(t, consumerWith());
  await consumer.protect(instances, owner);
  controller.before = ({ name }) => {
    if (name === 'createInstance') throw new DoctorError('CLOUD_FORBIDDEN', 'Quota exceeded for instances');
  };
  await notifier.fire('instance-0');
  await t.throwsAsync(consumer.replacement('instance-0', signal()), { message: /Quota exceeded/ });
  t.is(controller.called('createInstance').length, 1);
});

test('the floating IP of the instance moves to its replacement', async (t) => {
  const { consumer, notifier, controller, instances, owner } = await consumerHarness(t, consumerWith());
  controller.floatingIps.set('fip', {
    id: 'fip',
    address: '203.0.113.7',
    portId: 'port-of-instance-0',
    fixedAddress: '10.0.0.1',
  });
  await consumer.protect(instances, owner);
  await notifier.fire('instance-0');
  const { id } = await consumer.replacement('instance-0', signal());
  t.is(controller.floatingIps.get('fip')?.portId, `port-of-${id}`);
});

test('alarms that cannot be deleted are named, the others are deleted', async (t) => {
  const { consumer, notifier, instances, owner } = await consumerHarness(t, consumerWith());
  await consumer.protect(instances, owner);
  notifier.before = (call, name) => {
    if (call === 'delete' && name.endsWith('instance-0')) throw new Error('busy');
  };
  const { alarm_id: stuck } = notifier.alarmOf('instance-0');
  await t.throwsAsync(consumer.release(), {
    message: new RegExp(`alarms could not be deleted: ${stuck}: busy`),
  });
  t.deepEqual([...notifier.alarms.keys()], [stuck]);
});

test('an instance whose network its owner does not see is refused by name before an alarm is made', async (t) => {
  const { consumer, notifier, controller, instances, owner } = await consumerHarness(t, consumerWith());
  controller.networks.length = 0;
  await t.throwsAsync(consumer.protect(instances, owner), { message: /instance-0.*network net/ });
  t.is(notifier.alarms.size, 0);
});

test('a thousand instances are protected and recovered with few lists', async (t) => {
  const { consumer, notifier, controller, instances, owner, fail } = await consumerHarness(
    t,
    consumerWith(),
    1000,
  );
  await consumer.protect(instances, owner);
  fail();
  for (let first = 0; first < instances.length; first += 50)
    await Promise.all(instances.slice(first, first + 50).map(({ id }) => notifier.fire(id)));
  const replacements = await Promise.all(instances.map(({ id }) => consumer.replacement(id, signal())));
  t.is(new Set(replacements.map(({ id }) => id)).size, 1000);
  t.is(controller.called('createInstance').length, 1000);
  t.true(controller.called('instances').length < 500);
});

test('the oldest keys are forgotten first, and only when there are too many', (t) => {
  const duplicates = new Duplicates(2);
  t.deepEqual(
    ['a', 'b', 'a', 'c', 'b', 'a'].map((key) => duplicates.seen(key)),
    [false, false, true, false, true, false],
  );
});
