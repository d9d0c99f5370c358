import test from 'ava';
import { answering, mustLeaveNothing, service } from './support/bed.js';
import { type Fate, startNovaProxy } from './support/nova-proxy.js';
import { outage, startRig, watchFaults } from './support/rig.js';
import { passed, runOnCloud } from './support/scenario.js';

const NOVA = new URL('http://127.0.0.1:8774');
const idOf = (path: string) => /servers\/([^/]+)\/action/.exec(path)?.[1];

/** Spoils resets to error: of the first instance as `first` says by attempt, of the others as `others` says. */
function spoilResets(first: (attempt: number) => Fate, others: (attempt: number) => Fate) {
  const attempts = new Map<string, number>();
  return (_method: string, path: string, body: string): Fate => {
    const id = idOf(path);
    if (!id || !/"os-resetState".*"error"/.test(body)) return 'pass';
    const attempt = attempts.get(id) ?? 0;
    attempts.set(id, attempt + 1);
    const isFirst = [...attempts.keys()][0] === id;
    return (isFirst ? first : others)(attempt);
  };
}

test.serial('Nova answers 503 and hangs in the middle of a fault: tried again, nobody held up', async (t) => {
  const proxy = await startNovaProxy(
    NOVA,
    spoilResets(
      (attempt) => (attempt === 0 ? 'hang' : 'pass'),
      (attempt) => (attempt < 2 ? 503 : 'pass'),
    ),
  );
  t.teardown(() => proxy.close());
  const inError = new Map<string, number>();
  let detected = Number.NaN;
  const run = await runOnCloud(t, {
    set: {
      'cloud.endpoint_overrides': { compute: proxy.url },
      'inspector.call_timeout': '3 s',
      'test.vm_count': 2,
    },
    watch: ({ events }) =>
      events.on('checkpoint', ({ name, at, instanceId }) => {
        if (name === 'T01') detected = at;
        if (name === 'T03' && instanceId) inError.set(instanceId, at);
      }),
  });
  passed(t, run, "every instance's owner is notified", 'the instances are in error');
  t.deepEqual(
    proxy.spoiled.map((each) => `${each.split(' ')[0]}`).toSorted((a, b) => a.localeCompare(b)),
    ['503', '503', 'hang'],
    proxy.spoiled.join('\n'),
  );
  const [soon, late] = [...inError.values()].map((at) => at - detected).toSorted((a, b) => a - b);
  t.log(`in error after ${Math.round(soon ?? 0)} and ${Math.round(late ?? 0)} ms`);
  t.true((soon ?? Number.NaN) < 2_500, 'the instance whose calls do not hang waited for the one whose does');
  t.true((late ?? Number.NaN) >= 3_000);
});

test.serial(
  'Nova never changes one instance: the other is, the result names the one; all is taken back',
  async (t) => {
    const proxy = await startNovaProxy(
      NOVA,
      spoilResets(
        () => 503,
        () => 'pass',
      ),
    );
    t.teardown(() => proxy.close());
    const failures: { resource: string; message: string }[] = [];
    let inError = 0;
    const run = await runOnCloud(t, {
      set: {
        'cloud.endpoint_overrides': { compute: proxy.url },
        'inspector.budget': '3 s',
        'test.vm_count': 2,
        'test.notification_timeout': '5 s',
        'test.recovery_timeout': '5 s',
      },
      watch: ({ events }) => {
        events.on('fault.action_failed', (failure) => failures.push(failure));
        events.on('checkpoint', ({ name }) => (inError += Number(name === 'T03')));
      },
    });
    t.is(run.scenario.verdict, 'failed');
    t.regex(run.scenario.reason ?? '', /the instances are in error/);
    t.is(inError, 1);
    t.is(failures.length, 1);
    t.is(failures[0]?.resource, idOf(proxy.spoiled[0] ?? ''));
    t.regex(failures[0]?.message ?? '', /compute: POST .* answered 503/);
  },
);

test.serial("ports of the host's instances are DOWN while it is, and ACTIVE again", async (t) => {
  const seen: Record<string, string[]> = {};
  const run = await runOnCloud(t, {
    set: { 'inspector.set_ports_down': true, 'test.vm_count': 2, 'test.outage': '12 s' },
    async afterStep(step, doctor) {
      if (step !== 'instances' && step !== 'cloud-state' && step !== 'recovery') return;
      const { compute, network } = doctor.role('controller');
      const instances = (await compute.instances({ allProjects: true })).filter(({ name }) =>
        /-vm-\d$/.test(name),
      );
      const ports = await Promise.all(instances.map(({ id }) => network.ports(id)));
      seen[step] = ports.flat().map(({ dataPlaneStatus }) => String(dataPlaneStatus));
    },
  });
  passed(t, run, 'the host is up again');
  t.deepEqual(seen, {
    instances: ['null', 'null'],
    'cloud-state': ['DOWN', 'DOWN'],
    recovery: ['ACTIVE', 'ACTIVE'],
  });
});

test.serial('Aodh restarts between two faults: both are told', async (t) => {
  const leftNothing = await mustLeaveNothing(t);
  const rig = await startRig({ set: { 'notifier.type': 'aodh' } });
  try {
    await watchFaults(rig);
    const before = await outage(rig);
    for (const name of ['aodh-listener', 'aodh-notifier', 'aodh-api']) await service(name, 'restart');
    await answering();
    const after = await outage(rig);
    t.log(`notification: ${Math.round(before.notificationMs)} and ${Math.round(after.notificationMs)} ms`);
    t.true(after.notificationMs > 0);
  } finally {
    await rig.stop();
  }
  await leftNothing();
});
