import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { until } from '@nfv-doctor/core/plugin-api';
import { systemClock } from '@nfv-doctor/core/testing';
import type { ExecutionContext } from 'ava';
import { SshSession, type SshSettings, type SshTarget } from './index.js';

const SSHD = '/usr/sbin/sshd';

/** Why these tests cannot run here; undefined when they can. */
export function missingSshd(): string | undefined {
  for (const program of [SSHD, '/usr/bin/ssh', '/usr/bin/ssh-keygen'])
    if (!existsSync(program)) return `${program} is not installed (Debian: openssh-server, openssh-client)`;
  if (userInfo().uid !== 0) return undefined;
  // where sshd puts its unprivileged half; a boot's work otherwise
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  return undefined;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Keys of a user and of machines, and a known_hosts, all in a temporary folder. */
export interface KeyRing {
  folder: string;
  userKey: string;
  knownHosts: string;
  settings: SshSettings;
}

export async function makeKeyRing(t: ExecutionContext): Promise<KeyRing> {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-sshd-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const knownHosts = join(folder, 'known_hosts');
  await writeFile(knownHosts, '');
  return {
    folder,
    userKey: makeKey(folder, 'user_key'),
    knownHosts,
    settings: {
      program: 'ssh',
      configFile: 'none',
      knownHostsFile: knownHosts,
      hostKeyChecking: 'yes',
      connectTimeoutMs: 15_000,
      aliveTimeoutMs: 15_000,
    },
  };
}

export function makeKey(folder: string, name: string): string {
  const file = join(folder, name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file]);
  return file;
}

export interface SshdOptions {
  /** Default 127.0.0.1. */
  address?: string;
  /** Default: a free one. */
  port?: number;
  /** Put before sshd's command line, e.g. `ip netns exec NAME`. */
  prefix?: readonly string[];
  /** Folder with programs that stand in front of the machine's in PATH. */
  programs?: string;
  /** HOME of who logs in; default: a folder without start-up files, whatever this machine's user has. */
  home?: string;
  /** Whether the user's key may log in; default true. */
  authorized?: boolean;
  /** Key that may log in; default: the user's. */
  key?: string;
  /** Whether known_hosts gets the host's key; default true. */
  known?: boolean;
  /** More lines of sshd_config. */
  config?: readonly string[];
}

export interface Sshd {
  address: string;
  port: number;
  hostKey: string;
  target: SshTarget;
  /** Kills it with all its connections. */
  stop(): Promise<void>;
}

let count = 0;

/** A real sshd of its own: key log-in only, no PAM, nothing of the system's configuration. */
export async function startSshd(
  t: ExecutionContext,
  ring: KeyRing,
  options: SshdOptions = {},
): Promise<Sshd> {
  const { address = '127.0.0.1', known = true, authorized = true, prefix = [] } = options;
  const port = options.port ?? (await freePort());
  const name = `sshd-${++count}`;
  const folder = join(ring.folder, name);
  mkdirSync(folder);
  const hostKey = makeKey(folder, 'host_key');
  const authorizedKeys = join(folder, 'authorized_keys');
  if (authorized) copyFileSync(`${options.key ?? ring.userKey}.pub`, authorizedKeys);
  const path = [options.programs, process.env.PATH].filter(Boolean).join(':');
  const config = join(folder, 'sshd_config');
  await writeFile(
    config,
    [
      `ListenAddress ${address}:${port}`,
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${authorizedKeys}`,
      `PidFile none`,
      'UsePAM no',
      // the folder is in /tmp, which everybody may write
      'StrictModes no',
      'PasswordAuthentication no',
      'PermitRootLogin prohibit-password',
      `SetEnv PATH=${path} HOME=${options.home ?? folder}`,
      ...(options.config ?? []),
      '',
    ].join('\n'),
  );
  chmodSync(hostKey, 0o600);
  if (known) await learn(ring, address, port, hostKey);
  const log = join(folder, 'log');
  const command = [...prefix, SSHD, '-D', '-f', config, '-E', log];
  const child = spawn(`${command[0]}`, command.slice(1), { stdio: 'ignore', detached: true });
  const stop = () => stopTree(child);
  t.teardown(stop);
  await until(
    async () => {
      if (child.exitCode !== null)
        throw new Error(`sshd ended: ${await readFile(log, 'utf8').catch(() => '')}`);
      return (await readFile(log, 'utf8').catch(() => '')).includes('Server listening');
    },
    { clock: systemClock, what: `sshd on ${address}:${port}`, timeoutMs: 15_000, intervalMs: 10 },
  );
  const target = { name, address, port, user: userInfo().username, keyFile: ring.userKey };
  return { address, port, hostKey, target, stop };
}

/** Puts the host's key into known_hosts. */
export async function learn(ring: KeyRing, address: string, port: number, hostKey: string): Promise<void> {
  const key = (await readFile(`${hostKey}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
  const host = port === 22 ? address : `[${address}]:${port}`;
  await writeFile(ring.knownHosts, `${await readFile(ring.knownHosts, 'utf8')}${host} ${key}\n`);
}

/** sshd, and the processes of its connections, which are in sessions of their own. */
async function stopTree(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('close', resolve));
  for (const pid of [...descendants(child.pid), child.pid])
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // ended meanwhile
    }
  await ended;
}

function descendants(pid: number): number[] {
  let children = '';
  try {
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  } catch {
    // ended meanwhile
  }
  const direct = children.split(' ').filter(Boolean).map(Number);
  return direct.flatMap((child) => [...descendants(child), child]);
}

export function session(
  t: ExecutionContext,
  ring: KeyRing,
  target: SshTarget,
  settings: Partial<SshSettings> = {},
): SshSession {
  const made = new SshSession(target, {
    settings: { ...ring.settings, ...settings },
    folder: ring.folder,
    commandTimeoutMs: 20_000,
    sudo: 'sudo -n',
  });
  t.teardown(() => made.close());
  return made;
}
