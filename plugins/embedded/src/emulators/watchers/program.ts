import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudClock } from '../../cloud/clock.js';

/** The first of the usual folders that has the program. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  return folders
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** What it talks to is beside it: no proxy may come between. */
const withoutProxies = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !/_proxy$/i.test(name)));

const START_MS = 20_000;
const STOP_MS = 5_000;
const LOOK_MS = 25;
const KEPT = 4_000;

/** A program that runs beside the cloud, with a folder of its own that goes with it. */
export class Program {
  readonly folder: string;
  #child: ChildProcess | undefined;
  #ended: Promise<string> | undefined;
  #said = '';
  /** It must not outlive this process. */
  readonly #kill = () => this.#child?.kill('SIGKILL');

  /** @param name for messages and the folder */
  constructor(
    readonly clock: CloudClock,
    readonly name: string,
  ) {
    this.folder = mkdtempSync(join(tmpdir(), `doctor-${name}-`));
  }

  /**
   * @param isReady asked again and again; a rejection is a no
   * @throws Error with the program's last words when it ends, or is not ready in time
   */
  async start(
    path: string,
    args: readonly string[],
    isReady: (said: string) => boolean | Promise<boolean>,
  ): Promise<void> {
    const child = spawn(path, args, {
      cwd: this.folder,
      env: withoutProxies(process.env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    process.once('exit', this.#kill);
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => {
        this.#said = (this.#said + data.toString()).slice(-KEPT);
      });
    let end: string | undefined;
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? code}`));
    });
    void this.#ended.then((how) => {
      end = how;
    });
    const deadline = this.clock.monotonic() + START_MS;
    for (;;) {
      if (end !== undefined) throw new Error(`${this.name}: ${end}: ${this.#said.trim()}`);
      if (await Promise.resolve(isReady(this.#said)).catch(() => false)) return;
      if (this.clock.monotonic() > deadline)
        throw new Error(`${this.name} is not ready after ${START_MS / 1000} s: ${this.#said.trim()}`);
      await new Promise<void>((resolve) => this.clock.setTimeout(resolve, LOOK_MS));
    }
  }

  /** SIGTERM, later SIGKILL; idempotent. */
  async stop(): Promise<void> {
    process.off('exit', this.#kill);
    const child = this.#child;
    this.#child = undefined;
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await this.#ended;
      clearTimeout(timer);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A port of 127.0.0.1 that was free a moment ago, for programs that cannot choose one themselves. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('there is no free port');
  return address.port;
}
