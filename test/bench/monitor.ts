import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import type { Clock, DeployedHost, FaultEvent, Monitor, Provider } from '@nfv-doctor/core/plugin-api';
import { until } from '@nfv-doctor/core/plugin-api';
import { createTestContext } from '@nfv-doctor/core/testing';
import sample from '@nfv-doctor/plugin-sample';
import { type BenchRow, row } from './rows.js';

const HOSTS = 1000;
const CUTS = 100;
/** Quiet time under load, ms; the goal is five minutes. */
const QUIET_MS = Number(process.env.DOCTOR_BENCH_QUIET_MS ?? 30_000);

/** The sample monitor with one miss; reports are only timed. */
async function startMonitor(
  config: Record<string, unknown>,
  reported: (event: FaultEvent) => void,
): Promise<{ monitor: Monitor; clock: Clock; close(): Promise<void> }> {
  const context = await createTestContext();
  const provider = sample.provides.find(({ role }) => role === 'monitor') as Provider<'monitor'>;
  const defaults = Object.fromEntries(
    Object.entries(provider.config ?? {}).map(([key, option]) => [
      key,
      (option as { default: unknown }).default,
    ]),
  );
  const monitor = provider.create(
    {
      config: { ...defaults, misses: 1, ...config } as never,
      role: 'monitor',
      type: 'sample',
      log: context.log,
      defer: () => {},
    },
    { ...context, faultReporter: { report: async (event: FaultEvent) => reported(event) } } as never,
  );
  await monitor.start(AbortSignal.timeout(10_000));
  return {
    monitor,
    clock: context.clock,
    close: async () => {
      await monitor.stop(AbortSignal.timeout(10_000));
      await context.close();
    },
  };
}

async function tell(child: ChildProcess, message: object): Promise<void> {
  child.send(message);
  await once(child, 'message');
}

/** Hosts are other machines in earnest: this one must not starve them. Needs root; without, the figures are worse. */
function prefer(child: ChildProcess): void {
  try {
    setPriority(child.pid!, -10);
  } catch {
    // as it is
  }
}

/** From the cut of a link until the report. */
async function detection(): Promise<BenchRow> {
  const child = fork(new URL('./udp-hosts.js', import.meta.url), [String(HOSTS)]);
  prefer(child);
  const [{ hosts }] = (await once(child, 'message')) as [{ hosts: { address: string; port: number }[] }];
  const status = new Map<string, { status: string; at: number }>();
  const { monitor, clock, close } = await startMonitor({ probe: 'udp' }, ({ details }) => {
    status.set(details.hostname, { status: details.status, at: performance.now() });
  });
  const times: number[] = [];
  try {
    const deployed: DeployedHost[] = hosts.map((host, index) => ({
      hostname: `host-${index}`,
      addresses: [{ plane: 'management', ...host }],
    }));
    await monitor.watch(deployed, AbortSignal.timeout(30_000));
    const becomes = (hostname: string, wanted: string) =>
      until(() => (status.get(hostname)?.status ?? 'up') === wanted, {
        clock,
        what: `${hostname} to be reported ${wanted}`,
        timeoutMs: 15_000,
        intervalMs: 2,
      });
    for (let round = 0; round < CUTS; round++) {
      const index = (round * 37) % HOSTS;
      const hostname = `host-${index}`;
      // a machine that is too busy may have starved the hosts' process
      await becomes(hostname, 'up');
      const cutAt = performance.now();
      await tell(child, { cut: index });
      await becomes(hostname, 'down');
      times.push(status.get(hostname)!.at - cutAt);
      await tell(child, { restore: index });
    }
  } finally {
    await close();
    child.disconnect();
  }
  return row(`monitor: ${HOSTS} hosts at 100 ms, link down to reported, one miss`, 'ms', times, {
    goal: 250,
  });
}

/**
 * Hosts that all answer while the other core is busy. They are loopback addresses that the kernel answers for:
 * a process that answers would be starved by the load itself.
 */
async function quietUnderLoad(): Promise<BenchRow[]> {
  const reports: FaultEvent[] = [];
  const { monitor, close } = await startMonitor({ probe: 'icmp' }, (event) => reports.push(event));
  const busy = fork(new URL('./busy.js', import.meta.url));
  try {
    const deployed: DeployedHost[] = Array.from({ length: HOSTS }, (_, index) => ({
      hostname: `host-${index}`,
      addresses: [{ plane: 'management', address: `127.78.${Math.floor(index / 250)}.${1 + (index % 250)}` }],
    }));
    await monitor.watch(deployed, AbortSignal.timeout(30_000));
    const cpu = process.cpuUsage();
    const started = performance.now();
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    const elapsed = performance.now() - started;
    const { user, system } = process.cpuUsage(cpu);
    return [
      row(
        `monitor: false reports of ${HOSTS} hosts in ${QUIET_MS / 1000} s, one miss, the other core busy`,
        'reports',
        [reports.length],
        { goal: 0 },
      ),
      row(
        `monitor: ${HOSTS} hosts at 100 ms, use of one core`,
        '%',
        [((user + system) / 1000 / elapsed) * 100],
        {
          goal: 100,
        },
      ),
    ];
  } finally {
    busy.kill('SIGKILL');
    await close();
  }
}

/** Rows of the monitor. */
export async function benchMonitor(): Promise<BenchRow[]> {
  return [await detection(), ...(await quietUnderLoad())];
}
