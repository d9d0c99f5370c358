import test, { type ExecutionContext } from 'ava';
import { DoctorError } from '../errors/index.js';
import { faultEvent } from '../testing/contracts/inspector.js';
import { FakeCloud } from '../testing/fake-cloud.js';
import { createTestContext } from '../testing/test-context.js';
import { createVirtualClock } from '../testing/virtual-clock.js';
import { DelegatedInspector } from './delegated-inspector.js';

/** A foreign system that does what the test says. */
class Foreign extends DelegatedInspector {
  readonly told: string[] = [];
  hurried = 0;
  fails: Error | undefined;
  async start(): Promise<void> {}
  async stop(): Promise<void> {
    await this.endWatches();
  }
  protected async raise({ resource }: { resource: string }): Promise<void> {
    if (this.fails) throw this.fails;
    this.told.push(`down ${resource}`);
  }
  protected async clear({ resource }: { resource: string }): Promise<void> {
    if (this.fails) throw this.fails;
    this.told.push(`up ${resource}`);
  }
  protected override async hurry(): Promise<void> {
    this.hurried++;
  }
}

async function rig(t: ExecutionContext, { controller = true } = {}) {
  const clock = createVirtualClock();
  const context = await createTestContext({ clock });
  const cloud = new FakeCloud();
  cloud.addHost('host-1');
  cloud.addInstance('a', 'host-1');
  cloud.addInstance('b', 'host-1');
  cloud.addInstance('broken', 'host-1', { status: 'ERROR' });
  const inspector = new Foreign(
    { ...context, controller: controller ? cloud : undefined },
    { settleTimeoutMs: 5_000, lookTimeoutMs: 1_000 },
  );
  t.teardown(async () => {
    await inspector.stop();
    await context.close();
  });
  const checkpoints = () =>
    context.recorded.flatMap(({ name, data }) => {
      const { name: point, instanceId } = data as { name: string; instanceId?: string };
      return name === 'checkpoint' ? [instanceId ? `${point} ${instanceId}` : point] : [];
    });
  return { clock, cloud, inspector, checkpoints, context };
}

test('what happens in the cloud is seen, each thing once', async (t) => {
  const { clock, cloud, inspector, checkpoints } = await rig(t);
  await inspector.report([faultEvent('host-1', 'down')]);
  t.deepEqual(inspector.told, ['down host-1']);
  await clock.advance(100);
  await cloud.compute.forceDown('host-1', true);
  await clock.advance(500);
  await cloud.compute.resetState('a', 'error');
  await cloud.compute.resetState('b', 'error');
  await clock.runUntil(inspector.settled());
  t.deepEqual(checkpoints(), ['T02', 'T04', 'T03 a', 'T03 b']);
  const [fault] = await inspector.faults();
  t.deepEqual(fault?.affectedInstances, ['a', 'b']);
  t.deepEqual(fault?.failures, []);
});

test('what does not happen in time is a failure that is told', async (t) => {
  const { clock, cloud, inspector, context } = await rig(t);
  await inspector.report([faultEvent('host-1', 'down')]);
  await cloud.compute.resetState('a', 'error');
  await clock.runUntil(inspector.settled());
  const [fault] = await inspector.faults();
  t.deepEqual(fault?.failures, [
    'force-down of host-1: not seen within 5000 ms',
    'reset-state of b: not in error within 5000 ms',
  ]);
  // after 1, 2 and 4 seconds
  t.is(inspector.hurried, 3);
  t.is(inspector.health().status, 'degraded');
  const told = context.recorded.filter(({ name }) => name === 'fault.action_failed');
  t.deepEqual(
    told.map(({ data }) => (data as { resource: string }).resource),
    ['host-1', 'b'],
  );
});

test('an event that was not taken may be reported again', async (t) => {
  const { clock, inspector } = await rig(t, { controller: false });
  const down = faultEvent('host-1', 'down');
  inspector.fails = new DoctorError('BACKEND_UNREACHABLE', 'nobody is there', { retryable: true });
  await t.throwsAsync(inspector.report([down]), { message: 'nobody is there' });
  t.deepEqual(await inspector.faults(), []);
  t.like(inspector.health(), { status: 'degraded', detail: 'nobody is there' });
  inspector.fails = undefined;
  t.deepEqual(await inspector.report([down]), { accepted: 1, ignored: 0 });
  t.is(inspector.health().status, 'up');
  const up = faultEvent('host-1', 'up', {}, new Date(Date.now() + 1_000));
  inspector.fails = new Error('gone again');
  await t.throwsAsync(inspector.report([up]));
  t.is((await inspector.faults()).length, 1);
  inspector.fails = undefined;
  await inspector.report([up]);
  t.deepEqual(await inspector.faults(), []);
  t.deepEqual(inspector.told, ['down host-1', 'up host-1']);
  await clock.runUntil(inspector.settled());
});

test('a cloud that does not answer holds an event up for a moment only', async (t) => {
  const { clock, cloud, inspector } = await rig(t);
  cloud.before = (_call, signal) =>
    new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  const began = clock.monotonic();
  await clock.runUntil(inspector.report([faultEvent('host-1', 'down')]));
  t.is(clock.monotonic() - began, 1_000);
  t.deepEqual(inspector.told, ['down host-1']);
});

test('events of the wrong shape: all are looked at before anything is done', async (t) => {
  const { inspector } = await rig(t);
  const good = faultEvent('host-1', 'down');
  const bad = { ...good, details: { ...good.details, status: 'up' as const } };
  await t.throwsAsync(inspector.report([good, bad]), {
    message: 'events[1].details.status: contradicts type compute.host.down, found "up"',
  });
  await t.throwsAsync(inspector.report(null as never), { message: 'events: must be a list, found null' });
  t.deepEqual(inspector.told, []);
});
