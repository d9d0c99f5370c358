import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '@nfv-doctor/core/plugin-api';
import { systemClock } from '@nfv-doctor/core/testing';

const BIN = '/usr/lib/rabbitmq/bin';
/** Why the tests cannot run here; undefined when they can. */
export const missing = existsSync(`${BIN}/rabbitmq-server`)
  ? undefined
  : 'rabbitmq-server is not installed (test/openstack/install)';

const run = promisify(execFile);

/** A RabbitMQ of the test's own, on free ports, with its data in a temporary folder. */
export interface Broker {
  port: number;
  url: string;
  start(): Promise<void>;
  /** Ends the process; its durable data stay for the next `start`. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Stops it and removes everything. */
  remove(): Promise<void>;
}

export async function createBroker(): Promise<Broker> {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-rabbitmq-'));
  const [port, distribution, epmd] = await freePorts(3);
  await writeFile(
    join(folder, 'rabbitmq.conf'),
    `listeners.tcp.1 = 127.0.0.1:${port}\ndefault_user = openstack\ndefault_pass = mq-secret\nlog.console = false\n`,
  );
  await writeFile(join(folder, 'plugins'), '[].');
  await writeFile(join(folder, 'env'), '');
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    ERL_EPMD_PORT: String(epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `test${port}@localhost`,
    RABBITMQ_CONF_ENV_FILE: join(folder, 'env'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: folder,
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      '-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none',
  };
  let child: ChildProcess | undefined;
  const broker: Broker = {
    port: port ?? 0,
    url: `rabbit://openstack:mq-secret@127.0.0.1:${port}/`,
    async start() {
      // a group of its own to stop it as a whole; when the tests are killed, the kernel tells it to stop
      const args = ['--pdeathsig', 'TERM', `${BIN}/rabbitmq-server`];
      child = spawn('setpriv', args, { env, cwd: folder, detached: true, stdio: 'ignore' });
      await until(() => isListening(port ?? 0), {
        clock: systemClock,
        what: 'RabbitMQ to listen',
        timeoutMs: 60_000,
      });
    },
    async stop(signal = 'SIGTERM') {
      const { pid } = child ?? {};
      child = undefined;
      if (pid === undefined) return;
      process.kill(-pid, signal);
      await until(() => !isGroupAlive(pid), {
        clock: systemClock,
        what: 'RabbitMQ to end',
        timeoutMs: 30_000,
      });
    },
    async remove() {
      await broker.stop('SIGKILL');
      await run('epmd', ['-port', String(epmd), '-kill'], { env }).catch(() => {});
      await rm(folder, { recursive: true, force: true });
    },
  };
  return broker;
}

function isGroupAlive(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

const isListening = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });

/** Outside of the range from which the system gives ports away: nobody else gets one while the broker is down. */
async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(20_000, 30_000);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.on('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
