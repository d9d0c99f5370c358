import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestContext, FakeCloud, FakeMessageBus } from '@nfv-doctor/core/testing';
import test from 'ava';
import { defaults, event, statuses } from './rig.test.helper.js';
import { SampleInspector } from './sample-inspector.js';

test('killed with kill -9 in the middle of a fault: the next process finishes it, and takes it back on up', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-crash-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const child = fork(new URL('./crash-child.test.helper.js', import.meta.url), [folder], { execArgv: [] });
  t.teardown(() => child.kill('SIGKILL'));
  const [{ url }] = (await once(child, 'message', { signal: AbortSignal.timeout(30_000) })) as [
    { url: string },
  ];
  const acted = once(child, 'message', { signal: AbortSignal.timeout(30_000) });
  const down = event('host-1', 'down');
  const answer = await fetch(new URL('/events', url), {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([down]),
  });
  t.is(answer.status, 200);
  await acted;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  t.deepEqual((await ended)[1], 'SIGKILL');

  // the cloud as the first process left it: forced down, nobody in error
  const cloud = new FakeCloud();
  cloud.addHost('host-1').forcedDown = true;
  cloud.addInstance('a', 'host-1');
  cloud.addInstance('b', 'host-1');
  const bus = new FakeMessageBus();
  const context = await createTestContext({ folder });
  const inspector = new SampleInspector(
    { ...defaults, snapshot_interval: 0 },
    { ...context, controller: cloud, messageBus: bus },
    context.log,
  );
  t.teardown(async () => {
    await inspector.stop(AbortSignal.timeout(10_000));
    await context.close();
  });
  await inspector.start(AbortSignal.timeout(10_000));
  await inspector.settled();
  t.deepEqual(statuses(cloud), { a: 'ERROR', b: 'ERROR' });
  t.is(bus.published.length, 2, 'said again: nobody knows what was sent');
  t.is((await inspector.faults()).length, 1);
  t.deepEqual(await inspector.report([down]), { accepted: 0, ignored: 1 });
  await inspector.report([event('host-1', 'up')]);
  await inspector.settled();
  t.deepEqual(statuses(cloud), { a: 'ACTIVE', b: 'ACTIVE' });
  t.false(cloud.hosts.get('host-1')!.forcedDown, 'it was Doctor who had forced it down');
});
