import type { ExecutionContext, TestFn } from 'ava';
import type { RecordedEvent } from '../../bus/index.js';
import { systemClock } from '../../clock/system-clock.js';
import { type FaultEvent, FaultEventSchema } from '../../domain/fault.js';
import type { DeployedHost } from '../../domain/host.js';
import { until } from '../../domain/until.js';
import type { Monitor } from '../../roles/monitor.js';
import { Ajv } from 'ajv';

/** A monitor with hosts that can be silenced. */
export interface MonitorHarness {
  /** Started, watching nothing. */
  monitor: Monitor;
  /** At least two, all answering. */
  hosts: readonly DeployedHost[];
  cut(hostname: string): Promise<void> | void;
  restore(hostname: string): Promise<void> | void;
  /** What its FaultReporter was given, in order. */
  reported: readonly FaultEvent[];
  /** What was emitted so far. */
  recorded: readonly RecordedEvent[];
  close(): Promise<void>;
}

export interface MonitorContractOptions {
  name?: string;
  /** Waiting limit for one condition, ms; default 10,000. */
  timeoutMs?: number;
  /** How long nothing must happen where nothing may happen, ms; default 300. */
  quietMs?: number;
}

/**
 * What every Monitor must do, whatever it watches with: `monitorContract(test, () => startYours())`.
 * @param options.name before each test's title
 */
export function monitorContract(
  test: TestFn,
  create: (t: ExecutionContext) => Promise<MonitorHarness>,
  { name = 'monitor contract', timeoutMs = 10_000, quietMs = 300 }: MonitorContractOptions = {},
): void {
  const check = (title: string, body: (t: ExecutionContext, harness: MonitorHarness) => Promise<void>) =>
    test(`${name}: ${title}`, async (t) => {
      const harness = await create(t);
      try {
        await body(t, harness);
      } finally {
        await harness.close();
      }
    });
  const becomes = (what: string, look: () => boolean) =>
    until(look, { clock: systemClock, what, timeoutMs, intervalMs: 5 });
  const quiet = async (t: ExecutionContext, harness: MonitorHarness) => {
    const before = harness.reported.length;
    const end = systemClock.monotonic() + quietMs;
    await until(() => harness.reported.length > before || systemClock.monotonic() >= end, {
      clock: systemClock,
      what: 'the quiet time to pass',
      timeoutMs: quietMs + timeoutMs,
      intervalMs: 5,
    });
    t.deepEqual(harness.reported.slice(before), []);
  };
  const about = ({ reported }: MonitorHarness, hostname: string) =>
    reported.filter(({ details }) => details.hostname === hostname).map(({ type }) => type);

  check('one host that answers never hides another that does not', async (t, harness) => {
    const [first, ...others] = harness.hosts;
    await harness.monitor.watch(harness.hosts, AbortSignal.timeout(timeoutMs));
    await harness.cut(first!.hostname);
    await becomes('the report', () => harness.reported.length > 0);
    t.deepEqual(about(harness, first!.hostname), ['compute.host.down']);
    await quiet(t, harness);
    for (const { hostname } of others) t.deepEqual(about(harness, hostname), []);
  });

  check('down once per outage, up once when it answers again, and it keeps watching', async (t, harness) => {
    const [{ hostname }] = harness.hosts as [DeployedHost];
    await harness.monitor.watch(harness.hosts, AbortSignal.timeout(timeoutMs));
    const expected: string[] = [];
    for (let outage = 0; outage < 2; outage++) {
      await harness.cut(hostname);
      expected.push('compute.host.down');
      await becomes('the down report', () => about(harness, hostname).length >= expected.length);
      await quiet(t, harness);
      await harness.restore(hostname);
      expected.push('compute.host.up');
      await becomes('the up report', () => about(harness, hostname).length >= expected.length);
      await quiet(t, harness);
    }
    t.deepEqual(about(harness, hostname), expected);
    t.is(new Set(harness.reported.map(({ details }) => details.monitor_event_id)).size, expected.length);
  });

  check('reports are fault events, T01 comes before them, the evidence is told', async (t, harness) => {
    const [{ hostname }] = harness.hosts as [DeployedHost];
    await harness.monitor.watch(harness.hosts, AbortSignal.timeout(timeoutMs));
    const cutAt = systemClock.monotonic();
    await harness.cut(hostname);
    await becomes('the report', () => harness.reported.length > 0);
    const valid = new Ajv({ strict: false }).compile(JSON.parse(JSON.stringify(FaultEventSchema)));
    t.true(valid(harness.reported[0]), JSON.stringify(valid.errors));
    t.like(harness.reported[0]!.details, { status: 'down', hostname });
    const stamp = harness.recorded.find(
      ({ name: event, data }) => event === 'checkpoint' && 'name' in data && data.name === 'T01',
    );
    t.truthy(stamp);
    const { at } = stamp!.data as { at: number };
    t.true(at >= cutAt && at <= systemClock.monotonic());
    const down = harness.recorded.find(({ name: event }) => event === 'host.down');
    t.like(down?.data, { hostname });
    t.true(Object.keys((down!.data as { evidence: object }).evidence).length > 0);
  });

  check('no report about a host that is not watched any more', async (t, harness) => {
    const [{ hostname }] = harness.hosts as [DeployedHost];
    await harness.monitor.watch(harness.hosts, AbortSignal.timeout(timeoutMs));
    await harness.monitor.unwatch([hostname]);
    await harness.cut(hostname);
    await quiet(t, harness);
  });

  check('watch resolves when its signal is aborted, although a host has not answered', async (t, harness) => {
    const [{ hostname }] = harness.hosts as [DeployedHost];
    await harness.cut(hostname);
    await t.notThrowsAsync(harness.monitor.watch(harness.hosts, AbortSignal.timeout(quietMs)));
  });

  check('stop is idempotent, and nothing is reported after it', async (t, harness) => {
    await harness.monitor.watch(harness.hosts, AbortSignal.timeout(timeoutMs));
    await harness.monitor.stop(AbortSignal.timeout(timeoutMs));
    await harness.cut(harness.hosts[0]!.hostname);
    await quiet(t, harness);
    await t.notThrowsAsync(harness.monitor.stop(AbortSignal.timeout(timeoutMs)));
  });
}
