import { createSocket, type Socket } from 'node:dgram';
import { createServer, type Server } from 'node:net';
import type { Clock, DeployedHost, FaultEvent } from '@nfv-doctor/core/plugin-api';
import { createTestContext, type TestContext } from '@nfv-doctor/core/testing';
import type { ExecutionContext } from 'ava';
import { type MonitorConfig, monitorConfig } from './config.js';
import type { Probe } from './probes/probe.js';
import { takeSlot } from '../test-slots.test.helper.js';
import { SampleMonitor } from './sample-monitor.js';

export const defaults = Object.fromEntries(
  Object.entries(monitorConfig).map(([key, option]) => [key, option.default]),
) as unknown as MonitorConfig;

/** A host that echoes datagrams on a loopback address of its own, unless it is silent. */
export class UdpHost {
  silent = false;
  /** Loses so many of the next datagrams. */
  lose = 0;
  readonly #socket: Socket = createSocket('udp4');
  constructor(readonly address: string) {
    this.#socket.on('message', (message, from) => {
      if (this.silent) return;
      if (this.lose > 0) this.lose--;
      else this.#socket.send(message, from.port, from.address, () => {});
    });
  }
  async open(): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.#socket.once('error', reject);
      this.#socket.bind(0, this.address, () => resolve());
    });
    return this;
  }
  get port(): number {
    return this.#socket.address().port;
  }
  deployed(hostname: string): DeployedHost {
    return { hostname, addresses: [{ plane: 'management', address: this.address, port: this.port }] };
  }
  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}

/** A host with a TCP port on a loopback address of its own; silent: nothing listens. */
export class TcpHost {
  #server: Server | undefined;
  port = 0;
  constructor(readonly address: string) {}
  async open(): Promise<this> {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.resume();
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, this.address, resolve);
    });
    this.port = (server.address() as { port: number }).port;
    this.#server = server;
    return this;
  }
  deployed(hostname: string): DeployedHost {
    return { hostname, addresses: [{ plane: 'management', address: this.address, port: this.port }] };
  }
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

export interface MonitorRig {
  monitor: SampleMonitor;
  context: TestContext;
  reported: FaultEvent[];
  /** What the inspector does with a report; default: takes it. */
  taking: { report: (event: FaultEvent, signal?: AbortSignal) => Promise<void> | void };
  restart(): Promise<SampleMonitor>;
}

/** A started monitor whose reports are kept; everything is closed when the test ends. */
export async function startRig(
  t: ExecutionContext,
  config: Partial<MonitorConfig>,
  options: { clock?: Clock; makeProbe?: () => Probe } = {},
): Promise<MonitorRig> {
  await takeSlot(t);
  const context = await createTestContext(options.clock ? { clock: options.clock } : {});
  const reported: FaultEvent[] = [];
  const taking: MonitorRig['taking'] = { report: () => {} };
  const monitors: SampleMonitor[] = [];
  const start = async () => {
    const monitor = new SampleMonitor(
      { ...defaults, ...config },
      {
        ...context,
        faultReporter: {
          report: async (event, signal) => {
            await taking.report(event, signal);
            reported.push(event);
          },
        },
      },
      context.log,
      options.makeProbe,
    );
    monitors.push(monitor);
    await monitor.start(AbortSignal.timeout(30_000));
    return monitor;
  };
  t.teardown(async () => {
    for (const monitor of monitors) await monitor.stop(AbortSignal.timeout(30_000));
    await context.close();
  });
  return { monitor: await start(), context, reported, taking, restart: start };
}

let lastAddress = 1;
/** A loopback address that no other test of this process uses. */
export const freshAddress = () =>
  `127.${20 + (process.pid % 200)}.${Math.floor(++lastAddress / 250)}.${1 + (lastAddress % 250)}`;

export async function eventually(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await look())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
