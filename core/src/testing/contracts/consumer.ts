import type { ExecutionContext, TestFn } from 'ava';
import type { ProjectOwner } from '../../domain/credentials.js';
import type { Instance } from '../../domain/instance.js';
import type { Consumer } from '../../roles/consumer.js';
import { FakeCloud } from '../fake-cloud.js';
import { FakeNotifier } from '../fake-notifier.js';
import { createTestContext, type TestContext } from '../test-context.js';

/** What a consumer gets in this suite. */
export interface ConsumerSurroundings extends TestContext {
  controller: FakeCloud;
  notifier: FakeNotifier;
}

/** A consumer with a cloud of two hosts, `compute-1` with its instances, and the empty `compute-2`. */
export interface ConsumerHarness extends ConsumerSurroundings {
  /** Started. */
  consumer: Consumer;
  owner: ProjectOwner;
  instances: Instance[];
  /** What happens to a host that fails: it is down, its instances are in error. */
  fail(): void;
}

/** Surroundings with `count` instances on `compute-1`; removed at the end of the test. */
export async function consumerHarness(
  t: ExecutionContext,
  create: (surroundings: ConsumerSurroundings) => Consumer,
  count = 2,
): Promise<ConsumerHarness> {
  const context = await createTestContext();
  const controller = new FakeCloud();
  const notifier = new FakeNotifier();
  for (const hostname of ['compute-1', 'compute-2']) controller.addHost(hostname);
  controller.flavors.push({ id: 'flavor-1', name: 'small', vcpus: 1, memoryMb: 512, diskGb: 1 });
  controller.networks.push({ id: 'network-1', name: 'net', external: false });
  const instances = Array.from({ length: count }, (_, index) =>
    controller.addInstance(`instance-${index}`, 'compute-1', {
      flavor: 'small',
      imageId: 'image-1',
      addresses: { net: [`10.0.0.${index + 1}`] },
    }),
  );
  const consumer = create({ ...context, controller, notifier });
  await consumer.start(AbortSignal.timeout(10_000));
  t.teardown(async () => {
    await consumer.stop(AbortSignal.timeout(10_000));
    await context.close();
  });
  const owner = {
    projectId: 'project-1',
    userId: 'user-1',
    credentials: { authUrl: 'http://127.0.0.1:1/v3' },
  };
  const fail = () => {
    Object.assign(controller.hosts.get('compute-1') ?? {}, { state: 'down', forcedDown: true });
    for (const { id } of instances) Object.assign(controller.instances.get(id) ?? {}, { status: 'ERROR' });
  };
  return { ...context, controller, notifier, consumer, owner, instances, fail };
}

const checkpoints = ({ recorded }: Pick<TestContext, 'recorded'>, name: string) =>
  recorded.flatMap((event) =>
    event.name === 'checkpoint' && (event.data as { name: string }).name === name
      ? [event.data as { instanceId?: string; at: number }]
      : [],
  );

const signal = () => AbortSignal.timeout(10_000);

/**
 * What every Consumer must do: `consumerContract(test, (surroundings) => new YourConsumer(...))`.
 */
export function consumerContract(
  test: TestFn,
  create: (surroundings: ConsumerSurroundings) => Consumer,
  name = 'consumer contract',
): void {
  test(`${name}: registers one alarm per instance, as its owner, that only this instance's error fires`, async (t) => {
    const { consumer, notifier, instances, owner } = await consumerHarness(t, create);
    await consumer.protect(instances, owner);
    t.is(notifier.alarms.size, instances.length);
    for (const { id } of instances) {
      const alarm = notifier.alarmOf(id);
      t.is(alarm.project_id, owner.projectId);
      t.is(alarm.event_rule.event_type, 'compute.instance.update');
      t.deepEqual(
        alarm.event_rule.query.map(({ field, op, value }) => [field, op, value]),
        [
          ['traits.instance_id', 'eq', id],
          ['traits.state', 'eq', 'error'],
        ],
      );
      t.deepEqual(alarm.alarm_actions, [consumer.endpoint.href]);
    }
  });

  test(`${name}: an alarm is answered, stamped T09 and leads to a replacement on another host`, async (t) => {
    const harness = await consumerHarness(t, create);
    const { consumer, notifier, instances, owner, clock, fail } = harness;
    await consumer.protect(instances, owner);
    fail();
    const before = clock.monotonic();
    t.true((await notifier.fire('instance-0')).ok);
    const replacement = await consumer.replacement('instance-0', signal());
    t.is(replacement.status, 'ACTIVE');
    t.is(replacement.hostname, 'compute-2');
    t.not(replacement.id, 'instance-0');
    const [stamp, ...more] = checkpoints(harness, 'T09');
    t.is(stamp?.instanceId, 'instance-0');
    t.true((stamp?.at ?? 0) >= before && (stamp?.at ?? 0) <= clock.monotonic());
    t.deepEqual(more, []);
  });

  test(`${name}: a duplicate is answered and acted upon once`, async (t) => {
    const harness = await consumerHarness(t, create);
    const { consumer, notifier, instances, owner, controller, fail } = harness;
    await consumer.protect(instances, owner);
    fail();
    const answers = await Promise.all([1, 2, 3].map(() => notifier.fire('instance-0')));
    t.true(answers.every(({ ok }) => ok));
    await consumer.replacement('instance-0', signal());
    t.is(controller.called('createInstance').length, 1);
    t.is(checkpoints(harness, 'T09').length, 1);
    const received = harness.recorded.filter((event) => event.name === 'alarm.received');
    t.deepEqual(
      received.map(({ data }) => (data as { duplicate: boolean }).duplicate),
      [false, true, true],
    );
  });

  test(`${name}: what is no alarm gets a 4xx that names the field, and nothing is done`, async (t) => {
    const { consumer, controller, instances, owner, notifier } = await consumerHarness(t, create);
    await consumer.protect(instances, owner);
    const post = (body: string, type = 'application/json') =>
      fetch(consumer.endpoint, { method: 'POST', headers: { 'content-type': type }, body });
    const { alarm_id: _, ...incomplete } = notifier.notification('instance-0');
    for (const [body, type] of [
      ['{', undefined],
      ['[]', undefined],
      [JSON.stringify(incomplete), undefined],
      [JSON.stringify({ ...notifier.notification('instance-0'), reason_data: 7 }), undefined],
      [JSON.stringify(notifier.notification('instance-0')), 'text/plain'],
    ] as const) {
      const answer = await post(body, type);
      t.true(answer.status >= 400 && answer.status < 500, body);
      t.notRegex(await answer.text(), /\bat .*:\d+/);
    }
    t.regex(await (await post(JSON.stringify(incomplete))).text(), /alarm_id/);
    t.is(controller.called('createInstance').length, 0);
  });

  test(`${name}: release removes every alarm, and alarms that come later are not acted upon`, async (t) => {
    const { consumer, controller, instances, owner, notifier } = await consumerHarness(t, create);
    await consumer.protect(instances, owner);
    const late = JSON.stringify(notifier.notification('instance-0'));
    await consumer.release();
    t.is(notifier.alarms.size, 0);
    const headers = { 'content-type': 'application/json' };
    t.true((await fetch(consumer.endpoint, { method: 'POST', headers, body: late })).ok);
    await new Promise((resolve) => setImmediate(resolve));
    t.is(controller.called('createInstance').length, 0);
    await t.throwsAsync(consumer.replacement('instance-0', signal()));
  });

  test(`${name}: waiting for a replacement ends with the signal`, async (t) => {
    const { consumer, instances, owner } = await consumerHarness(t, create);
    await consumer.protect(instances, owner);
    const reason = new Error('no longer wanted');
    await t.throwsAsync(consumer.replacement('instance-0', AbortSignal.abort(reason)), { is: reason });
  });

  test(`${name}: stop is idempotent and closes the endpoint`, async (t) => {
    const { consumer, instances, owner, notifier } = await consumerHarness(t, create);
    await consumer.protect(instances, owner);
    const { endpoint } = consumer;
    await consumer.stop(signal());
    await consumer.stop(signal());
    t.is(notifier.alarms.size, 0);
    await t.throwsAsync(fetch(endpoint));
  });
}
