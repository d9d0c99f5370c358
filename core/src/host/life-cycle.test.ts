import { setTimeout as wait } from 'node:timers/promises';
import test from 'ava';
import { problemsOf } from '../errors/index.js';
import { silentLogger } from '../log/index.js';
import { core, optional } from '../plugin-api/tokens.js';
import type { RoleName } from '../roles/index.js';
import { createDoctor, type CreateDoctorOptions } from './create-doctor.js';
import { type FakeRole, fakePlugin, fakeRole, type Journal } from './plugins.test.helper.js';

const never = () => new Promise<never>(() => {});
const create = (roles: FakeRole[], journal: Journal = [], options: CreateDoctorOptions = {}) =>
  createDoctor({
    plugins: [fakePlugin('fakes', roles, journal)],
    discover: false,
    env: {},
    log: silentLogger,
    roles: roles.map(({ role }) => role),
    config: Object.fromEntries(roles.map(({ role }) => [role, { type: 'sample' }])),
    ...options,
  });
const CHAIN: FakeRole[] = [
  { role: 'consumer', deps: { notifier: core.notifier, controller: core.controller } },
  { role: 'notifier', deps: { bus: core.messageBus } },
  { role: 'controller', deps: { cloud: core.cloudSession } },
  { role: 'cloud', deps: { installer: core.installer } },
  { role: 'installer', deps: { bus: core.messageBus } },
  { role: 'message_bus' },
];
const ORDER = ['message_bus', 'installer', 'cloud', 'controller', 'notifier', 'consumer'];

test('roles are created and started after those they need, and stopped in reverse', async (t) => {
  const journal: Journal = [];
  const doctor = await create(CHAIN, journal);
  t.deepEqual(
    journal,
    ORDER.map((role) => `create ${role}`),
  );
  await doctor.start();
  await doctor.stop();
  const started = ORDER.map((role) => `start ${role}`);
  const stopped = ORDER.toReversed().map((role) => `stop ${role}`);
  t.deepEqual(journal.slice(ORDER.length), [...started, ...stopped]);
});

test('what a role needs is pulled in, also through others', async (t) => {
  const plugin = fakePlugin('fakes', CHAIN);
  const installer = {
    installer: { type: 'sample' },
    cloud: { type: 'sample' },
    controller: { type: 'sample' },
  };
  const doctor = await createDoctor({
    plugins: [plugin],
    discover: false,
    env: {},
    log: silentLogger,
    roles: ['consumer'],
    config: installer,
  });
  t.deepEqual(doctor.roles, ORDER as RoleName[]);
});

test('a role gets its dependencies, its configuration and nothing else', async (t) => {
  const seen: { context?: unknown; deps?: Record<string, unknown> } = {};
  const doctor = await create([
    { role: 'message_bus' },
    {
      role: 'notifier',
      config: { port: { doc: 'x', format: 'port', default: 7 } },
      deps: { bus: core.messageBus, clock: core.clock, run: core.run, monitor: optional(core.monitor) },
      create(context, deps) {
        Object.assign(seen, { context, deps });
        return fakeRole({ role: 'notifier' }, []);
      },
    },
  ]);
  t.is(seen.deps?.['bus'], doctor.role('message_bus'));
  t.is(seen.deps?.['clock'], doctor.clock);
  t.is(seen.deps?.['run'], doctor.run);
  t.is(seen.deps?.['monitor'], undefined);
  t.like(seen.context, { config: { type: 'sample', port: 7 }, role: 'notifier', type: 'sample' });
});

test('an optional role that runs is started before and handed over', async (t) => {
  const journal: Journal = [];
  let got: unknown;
  const doctor = await create(
    [
      {
        role: 'message_bus',
        deps: { monitor: optional(core.monitor) },
        create(_context, { monitor }) {
          got = monitor;
          return fakeRole({ role: 'message_bus' }, journal);
        },
      },
      { role: 'monitor' },
    ],
    journal,
  );
  t.deepEqual(doctor.roles, ['monitor', 'message_bus']);
  t.is(got, doctor.role('monitor'));
});

test('a circle of needs is named', async (t) => {
  const error = await t.throwsAsync(
    create([
      { role: 'notifier', deps: { consumer: core.consumer } },
      { role: 'consumer', deps: { inspector: core.inspector } },
      { role: 'inspector', deps: { notifier: core.notifier } },
    ]),
  );
  t.is(problemsOf(error)[0]?.code, 'PLUGIN_DEPENDENCY');
  t.regex(error.message, /circle: notifier → consumer → inspector → notifier/);
});

test('two Doctors in one process share nothing', async (t) => {
  const [one, two] = await Promise.all([create([{ role: 'monitor' }]), create([{ role: 'monitor' }])]);
  t.not(one.role('monitor'), two.role('monitor'));
  t.not(one.events, two.events);
  t.throws(() => one.role('inspector'), { message: /the inspector does not run in this process/ });
});

test('a failed start stops what was started, and itself, in reverse', async (t) => {
  const journal: Journal = [];
  const doctor = await create(
    [
      { role: 'message_bus' },
      { role: 'installer' },
      { role: 'cloud', start: () => Promise.reject(new Error('no route')) },
      { role: 'controller' },
    ],
    journal,
  );
  const error = await t.throwsAsync(doctor.start());
  t.is(error.message, 'cloud sample: did not start: no route');
  t.deepEqual(journal.slice(4), [
    'start message_bus',
    'start installer',
    'start cloud',
    'stop cloud',
    'stop installer',
    'stop message_bus',
  ]);
  await t.notThrowsAsync(doctor.stop());
  t.is(journal.length, 10);
});

test('clean-ups run after stop, the last one first, also after a failed start', async (t) => {
  const journal: Journal = [];
  const doctor = await create(
    [
      {
        role: 'monitor',
        create(context) {
          context.defer(() => void journal.push('first'));
          context.defer(() => {
            journal.push('second');
            throw new Error('stuck');
          });
          return fakeRole({ role: 'monitor', start: () => Promise.reject(new Error('no')) }, journal);
        },
      },
    ],
    journal,
  );
  const error = await t.throwsAsync(doctor.start());
  t.deepEqual(journal, ['create monitor', 'start monitor', 'stop monitor', 'second', 'first']);
  t.deepEqual(
    problemsOf(error).map(({ message }) => message),
    ['monitor sample: did not start: no', 'monitor sample: did not stop cleanly: stuck'],
  );
});

test('clean-ups of a role that could not be created run too', async (t) => {
  const journal: Journal = [];
  const roles: FakeRole[] = [
    { role: 'message_bus' },
    {
      role: 'monitor',
      create(context) {
        context.defer(() => void journal.push('taken back'));
        throw new Error('no');
      },
    },
  ];
  await t.throwsAsync(create(roles, journal), { message: /monitor sample: could not be created: no/ });
  t.true(journal.includes('taken back'));
});

test('stop goes on after a failure, tells all of them, and is done once', async (t) => {
  const journal: Journal = [];
  const doctor = await create(
    [
      { role: 'message_bus', stop: () => Promise.reject(new Error('queue left')) },
      { role: 'installer' },
      { role: 'monitor', stop: never },
    ],
    journal,
    { overrides: { 'host.stop_timeout': '50ms' } },
  );
  await doctor.start();
  const [first, second] = await Promise.allSettled([doctor.stop(), doctor.stop()]);
  t.is(first.status, 'rejected');
  t.deepEqual(first, second);
  t.deepEqual(journal.slice(6), ['stop monitor', 'stop installer', 'stop message_bus']);
  const told = problemsOf((first as PromiseRejectedResult).reason).map(({ message }) => message);
  t.deepEqual(told, [
    'monitor sample: did not stop within 50 ms (host.stop_timeout)',
    'message_bus sample: did not stop cleanly: queue left',
  ]);
});

test('a start that is interrupted takes back what it did, and the role under way hears of it', async (t) => {
  const journal: Journal = [];
  let heard = false;
  const doctor = await create(
    [
      { role: 'message_bus' },
      {
        role: 'monitor',
        start: async (signal) => {
          await wait(60_000, undefined, { signal }).catch(() => {
            heard = true;
          });
        },
      },
      { role: 'consumer' },
    ],
    journal,
  );
  const controller = new AbortController();
  const starting = doctor.start(controller.signal);
  controller.abort(new Error('Ctrl-C'));
  await t.throwsAsync(starting, { message: 'Ctrl-C' });
  await doctor.stop();
  t.false(journal.includes('start consumer'));
  if (journal.includes('start monitor')) t.true(heard && journal.includes('stop monitor'));
});

test('a Doctor that was never started can be stopped', async (t) => {
  const journal: Journal = [];
  const doctor = await create([{ role: 'monitor' }], journal);
  await t.notThrowsAsync(doctor.stop());
  t.deepEqual(journal, ['create monitor']);
});

test('health is each role its own word, and down when it has none', async (t) => {
  const doctor = await create([
    { role: 'monitor' },
    {
      role: 'inspector',
      health: () => {
        throw new Error('lost');
      },
    },
  ]);
  t.deepEqual(await doctor.health(), {
    inspector: { status: 'down', detail: 'lost' },
    monitor: { status: 'up', detail: '' },
  });
});

test('a monitor without an inspector is told what to do', async (t) => {
  const roles: FakeRole[] = [{ role: 'monitor', deps: { reporter: core.faultReporter } }];
  const error = await t.throwsAsync(create(roles));
  t.regex(error.message, /run the role "inspector" beside it, or set inspector\.remote_url/);
});
