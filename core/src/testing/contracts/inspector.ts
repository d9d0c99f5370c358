import { randomUUID } from 'node:crypto';
import type { ExecutionContext, TestFn } from 'ava';
import type { RecordedEvent } from '../../bus/index.js';
import type { FaultEvent } from '../../domain/fault.js';
import { DoctorError } from '../../errors/index.js';
import type { Inspector } from '../../roles/inspector.js';

/** An inspector with a cloud behind it that the suite can look into. */
export interface InspectorHarness {
  /** Started. */
  inspector: Inspector;
  /** Two hosts; `instances` of the first belong to at least two projects. */
  hosts: readonly [string, string];
  /** Ids of the ACTIVE instances on each host. */
  instances: Readonly<Record<string, readonly string[]>>;
  /** What was emitted so far. */
  recorded: readonly RecordedEvent[];
  /** As the cloud has it. */
  forcedDown(hostname: string): Promise<boolean> | boolean;
  /** Nova's status. */
  status(instanceId: string): Promise<string> | string;
  close(): Promise<void>;
}

export interface InspectorContractOptions {
  name?: string;
  /** Which of these the inspector's backend does; default all. */
  does?: { revert?: boolean; maintenance?: boolean };
  /** Waiting limit for one condition, ms; default 10,000. */
  timeoutMs?: number;
}

/** An event as a monitor would send it. */
export function faultEvent(
  hostname: string,
  status: 'down' | 'up',
  more: Partial<FaultEvent['details']> = {},
  time = new Date(),
): FaultEvent {
  return {
    time: time.toISOString(),
    type: `compute.host.${status}`,
    details: { hostname, status, monitor: 'contract', monitor_event_id: randomUUID(), ...more },
  };
}

/**
 * What every Inspector must do, whatever its backend: `inspectorContract(test, () => startYours())`.
 * @param options.name before each test's title
 */
export function inspectorContract(
  test: TestFn,
  create: (t: ExecutionContext) => Promise<InspectorHarness>,
  { name = 'inspector contract', does = {}, timeoutMs = 10_000 }: InspectorContractOptions = {},
): void {
  const check = (title: string, body: (t: ExecutionContext, harness: InspectorHarness) => Promise<void>) =>
    test(`${name}: ${title}`, async (t) => {
      const harness = await create(t);
      try {
        await body(t, harness);
      } finally {
        await harness.close();
      }
    });
  const becomes = async (what: string, look: () => Promise<boolean> | boolean) => {
    const deadline = Date.now() + timeoutMs;
    while (!(await look())) {
      if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const down = async (harness: InspectorHarness, host: string) => {
    const result = await harness.inspector.report([faultEvent(host, 'down')]);
    await harness.inspector.settled(AbortSignal.timeout(timeoutMs));
    await becomes(`${host} to be forced down`, () => harness.forcedDown(host));
    for (const id of harness.instances[host]!)
      await becomes(`${id} to be in error`, async () => (await harness.status(id)) === 'ERROR');
    return result;
  };

  check('a host that is down is forced down, and every instance on it is in error', async (t, harness) => {
    const [host, other] = harness.hosts;
    const result = await down(harness, host);
    t.is(result.accepted, 1);
    t.is(await harness.forcedDown(other), false);
    for (const id of harness.instances[other]!) t.is(await harness.status(id), 'ACTIVE');
  });

  check('the checkpoints T02, T03 of each instance and T04 are emitted, T02 first', async (t, harness) => {
    const [host] = harness.hosts;
    await down(harness, host);
    const seen = () =>
      harness.recorded.flatMap(({ name: event, data }) =>
        event === 'checkpoint' ? [data as { name: string; instanceId?: string }] : [],
      );
    await becomes(
      'all checkpoints',
      () => seen().filter(({ name: each }) => each === 'T03').length >= harness.instances[host]!.length,
    );
    const names = seen().map(({ name: each }) => each);
    t.true(names.includes('T04'));
    t.true(names.indexOf('T02') < names.indexOf('T03') && names.indexOf('T02') < names.indexOf('T04'));
    const inError = seen().flatMap(({ name: each, instanceId }) => (each === 'T03' ? [`${instanceId}`] : []));
    t.deepEqual(sorted(new Set(inError)), sorted(harness.instances[host]!));
  });

  check('an active fault is listed, with the filters of FaultQuery', async (t, harness) => {
    const [host, other] = harness.hosts;
    await down(harness, host);
    const [fault] = await harness.inspector.faults();
    t.like(fault, { resource: host, state: 'active' });
    t.is((await harness.inspector.faults({ resource: host })).length, 1);
    t.deepEqual(await harness.inspector.faults({ resource: other }), []);
    t.deepEqual(await harness.inspector.faults({ from: '2999-01-01T00:00:00Z' }), []);
    t.deepEqual(await harness.inspector.faults({ type: 'compute.host.nic.down' }), []);
  });

  check('events of the wrong shape are refused, and nothing is done', async (t, harness) => {
    const [host] = harness.hosts;
    const good = faultEvent(host, 'down');
    for (const bad of [
      {},
      { ...good, details: { ...good.details, hostname: 7 } },
      { ...good, time: 'yesterday' },
      null,
    ]) {
      const error = await t.throwsAsync(harness.inspector.report([good, bad as FaultEvent]));
      t.true(DoctorError.is(error) && error.kind === 'input', String(error));
    }
    await harness.inspector.settled(AbortSignal.timeout(timeoutMs));
    t.is(await harness.forcedDown(host), false);
  });

  check('a duplicate changes nothing', async (t, harness) => {
    const [host] = harness.hosts;
    const event = faultEvent(host, 'down');
    await harness.inspector.report([event]);
    await harness.inspector.settled(AbortSignal.timeout(timeoutMs));
    const again = await harness.inspector.report([event]);
    await harness.inspector.settled(AbortSignal.timeout(timeoutMs));
    t.deepEqual(again, { accepted: 0, ignored: 1 });
    t.is((await harness.inspector.faults()).length, 1);
  });

  check('stop is idempotent', async (t, harness) => {
    await harness.inspector.stop(AbortSignal.timeout(timeoutMs));
    await t.notThrowsAsync(harness.inspector.stop(AbortSignal.timeout(timeoutMs)));
  });

  if (does.revert !== false)
    check('a host that is up again gets back what was taken', async (t, harness) => {
      const [host] = harness.hosts;
      await down(harness, host);
      await harness.inspector.report([faultEvent(host, 'up')]);
      await harness.inspector.settled(AbortSignal.timeout(timeoutMs));
      await becomes('the force-down to be taken back', async () => !(await harness.forcedDown(host)));
      for (const id of harness.instances[host]!)
        await becomes(`${id} to be active`, async () => (await harness.status(id)) === 'ACTIVE');
      t.deepEqual(await harness.inspector.faults(), []);
      t.is((await harness.inspector.faults({ includeCleared: true })).length, 1);
    });

  if (does.maintenance !== false)
    check('events of a host in maintenance are recorded and not acted upon', async (t, harness) => {
      const [host] = harness.hosts;
      const message = { session_id: 'session-1', project_id: 'project-1', host };
      await harness.inspector.hostMaintenance({ ...message, state: 'IN_MAINTENANCE' });
      const result = await harness.inspector.report([faultEvent(host, 'down')]);
      await harness.inspector.settled(AbortSignal.timeout(timeoutMs));
      t.deepEqual(result, { accepted: 0, ignored: 1 });
      t.is(await harness.forcedDown(host), false);
      t.deepEqual(await harness.inspector.faults(), []);
      t.true(harness.recorded.some((event) => event.name === 'fault.suppressed'));
      await harness.inspector.hostMaintenance({ ...message, state: 'MAINTENANCE_COMPLETE' });
      await harness.inspector.settled(AbortSignal.timeout(timeoutMs));
      await becomes('the host, still down after maintenance, to be handled', () => harness.forcedDown(host));
    });
}

const sorted = (texts: Iterable<string>) => [...texts].toSorted((a, b) => a.localeCompare(b));
