import test from 'ava';
import { createEventBus, type RecordedEvent } from '../../bus/index.js';
import { DoctorError } from '../../errors/index.js';
import { silentLogger } from '../../log/index.js';
import { createVirtualClock } from '../../testing/virtual-clock.js';
import type { TestOptions } from '../options.js';
import { runScenario } from './run-scenario.js';
import { type Scenario, type ScenarioDoctor, ScenarioSkipped, type Step } from './types.js';

interface Log {
  done: string[];
}

function rig() {
  const clock = createVirtualClock();
  const events = createEventBus(clock, silentLogger);
  const recorded: RecordedEvent[] = [];
  events.onAny((event) => recorded.push(event));
  const doctor: ScenarioDoctor = {
    run: { runId: '20261123T183000-3f2a', seed: 1, configFolder: '/' },
    clock,
    events,
    log: silentLogger,
    plugins: {},
    config: {},
    role: () => {
      throw new DoctorError('NOT_FOUND', 'no roles here');
    },
  };
  const controller = new AbortController();
  const run = (steps: Step<Log>[]) => {
    const log: Log = { done: [] };
    const scenario: Scenario<Log> = { name: 'a_test', title: 'A test', roles: [], state: () => log, steps };
    const options = { step_timeout: 1000, cleanup_timeout: 500 } as TestOptions;
    const outcome = runScenario(scenario, doctor, { options, signal: controller.signal });
    return clock.runUntil(outcome).then((result) => ({ ...result, log: log.done }));
  };
  return { run, recorded, clock, controller };
}

const step = (name: string, more: Partial<Step<Log>> = {}): Step<Log> => ({
  name,
  title: `Do ${name}`,
  run: async ({ state }) => void state.done.push(name),
  undo: async ({ state }) => void state.done.push(`undo ${name}`),
  ...more,
});

test('steps run in order and are undone in reverse', async (t) => {
  const { run } = rig();
  const outcome = await run([step('one'), step('two')]);
  t.deepEqual(outcome.log, ['one', 'two', 'undo two', 'undo one']);
  t.like(outcome, { verdict: 'passed', reason: null, interrupted: false });
});

test('a step that fails is undone as well, and the ones after it are not reached', async (t) => {
  const { run, recorded } = rig();
  const fails = step('two', { run: () => Promise.reject(new Error('no room')) });
  const outcome = await run([step('one'), fails, step('three')]);
  t.deepEqual(outcome.log, ['one', 'undo two', 'undo one']);
  t.like(outcome, { verdict: 'failed', reason: 'Do two: no room' });
  t.deepEqual(
    outcome.steps.map(({ state }) => state),
    ['done', 'failed', 'not_reached'],
  );
  const states = recorded.flatMap(({ name, data }) =>
    name === 'scenario.step'
      ? [`${(data as { step: string }).step} ${(data as { state: string }).state}`]
      : [],
  );
  t.deepEqual(states, ['one started', 'one done', 'two started', 'two failed', 'two undone', 'one undone']);
});

test('an undo that fails fails the verdict, is named, and stops no other undo', async (t) => {
  const { run } = rig();
  const sticky = step('two', { undo: () => Promise.reject(new Error('in use')) });
  const outcome = await run([step('one'), sticky]);
  t.deepEqual(outcome.log, ['one', 'two', 'undo one']);
  t.deepEqual(outcome.leftovers, [{ resource: 'what "Do two" made', reason: 'in use' }]);
  t.is(outcome.verdict, 'failed');
  t.regex(outcome.reason ?? '', /could not be removed: what "Do two" made/);
});

test('an undo that hangs is given up in time', async (t) => {
  const { run } = rig();
  const outcome = await run([step('one'), step('two', { undo: () => new Promise(() => {}) })]);
  t.true(outcome.log.includes('undo one'));
  t.regex(outcome.leftovers[0]?.reason ?? '', /clean-up of "Do two" did not end within 500 ms/);
});

test('what was told to be left over is named; what is gone already is not', async (t) => {
  const { run } = rig();
  const outcome = await run([
    step('one', {
      undo: async (ctx) => {
        ctx.leftover('instance a', new DoctorError('CLOUD_NOT_FOUND', 'gone'));
        ctx.leftover('instance b', new DoctorError('CLOUD_CONFLICT', 'locked'));
      },
    }),
  ]);
  t.deepEqual(outcome.leftovers, [{ resource: 'instance b', reason: 'locked' }]);
});

test('a step that does not end in time fails with what was awaited', async (t) => {
  const { run } = rig();
  const slow = step('one', { run: (ctx) => ctx.clock.sleep(5000, ctx.signal), timeoutMs: () => 200 });
  const outcome = await run([slow]);
  t.is(outcome.reason, 'Do one: step "Do one" did not end within 200 ms');
  t.deepEqual(outcome.log, ['undo one']);
});

test('an interruption stops the step under way and undoes everything', async (t) => {
  const { run, controller } = rig();
  const interrupted = step('two', {
    run: (ctx) => {
      ctx.clock.setTimeout(() => controller.abort(new DoctorError('ABORTED', 'Ctrl-C')), 50);
      return ctx.clock.sleep(900, ctx.signal);
    },
  });
  const outcome = await run([step('one'), interrupted, step('three')]);
  t.deepEqual(outcome.log, ['one', 'undo two', 'undo one']);
  t.like(outcome, { verdict: 'failed', reason: 'interrupted', interrupted: true });
});

test('what is being created when the interruption comes is waited for, so that it can be removed', async (t) => {
  const { run, controller } = rig();
  const creating = step('one', {
    run: async (ctx) => {
      controller.abort(new DoctorError('ABORTED', 'Ctrl-C'));
      await ctx.clock.sleep(100);
      ctx.state.done.push('created');
    },
  });
  t.deepEqual((await run([creating])).log, ['created', 'undo one']);
});

test('a failed check fails the scenario, and the steps go on', async (t) => {
  const { run } = rig();
  const looks = step('one', { run: async (ctx) => ctx.check('it is so', false, 'it is not') });
  const outcome = await run([looks, step('two')]);
  t.true(outcome.log.includes('two'));
  t.like(outcome, { verdict: 'failed', reason: 'check failed: it is so' });
});

test('a scenario that the cloud is too small for is skipped with the reason', async (t) => {
  const { run } = rig();
  const outcome = await run([
    step('one', { run: () => Promise.reject(new ScenarioSkipped('needs 3 hosts, found 2')) }),
    step('two'),
  ]);
  t.like(outcome, { verdict: 'skipped', reason: 'needs 3 hosts, found 2' });
});

test('a step whose condition does not hold is skipped and not undone', async (t) => {
  const { run } = rig();
  t.deepEqual((await run([step('one', { when: () => false }), step('two')])).log, ['two', 'undo two']);
});
