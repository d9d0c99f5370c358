import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { DoctorError } from '@nfv-doctor/core/plugin-api';
import PQueue from 'p-queue';
import { lastLine, sshError } from './errors.js';
import { connectMaster, type Master } from './master.js';
import { destination, proxyThrough, type SshSettings, type SshTarget, sshArguments } from './options.js';
import { asRoot, inShell } from './quote.js';
import { type RunResult, run } from './run.js';

export interface ExecOptions {
  input?: string | Uint8Array;
  /** Default: the session's `commandTimeoutMs`. */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
  /** Runs it as root; default false. */
  root?: boolean;
  /** What the command does, for messages; default: its first line. */
  what?: string;
}

export interface SshSessionOptions {
  settings: SshSettings;
  /** Folder for the control socket: private and short (a socket's path has about 100 characters). */
  folder: string;
  /** Time that one command may take, ms. */
  commandTimeoutMs: number;
  /** Command that runs another one as root, e.g. `sudo -n`. */
  sudo: string;
}

/** sshd takes ten sessions per connection (MaxSessions); the rest is for the connection itself and tunnels. */
const PARALLEL_COMMANDS = 4;

/** Commands on one machine, over one connection that is made when it is needed, and again when it was lost. */
export class SshSession {
  readonly controlPath: string;
  readonly #queue = new PQueue({ concurrency: PARALLEL_COMMANDS });
  #connecting: Promise<Master> | undefined;
  #closed = false;
  readonly #open = new Set<ChildProcessWithoutNullStreams>();
  readonly #lost = new Set<() => void>();

  constructor(
    readonly target: SshTarget,
    readonly options: SshSessionOptions,
  ) {
    this.controlPath = join(options.folder, randomUUID().slice(0, 8));
  }

  /** Calls `listener` whenever the connection ends without being asked to. */
  onLost(listener: () => void): void {
    this.#lost.add(listener);
  }

  /** @throws DoctorError in one line: why the machine cannot be reached, with `details.reason` */
  async connect(signal?: AbortSignal): Promise<void> {
    if (this.#closed)
      throw new DoctorError('ABORTED', `${this.target.name}: the connection is closed already`);
    while (this.#connecting) {
      const seen = this.#connecting;
      const master = await seen.catch(() => undefined);
      if (master?.alive) return;
      // whoever comes first makes a new one
      if (this.#connecting === seen) this.#connecting = undefined;
    }
    this.#connecting = this.#connect(signal);
    await this.#connecting;
  }

  async #connect(signal?: AbortSignal): Promise<Master> {
    const { target, options } = this;
    if (target.keyFile !== undefined)
      await access(target.keyFile, constants.R_OK).catch((error: NodeJS.ErrnoException) => {
        throw new DoctorError('CONFIG_INVALID', `${target.name}: key file ${target.keyFile}: ${error.code}`);
      });
    const master = await connectMaster(target, options.settings, this.controlPath, signal);
    master.onEnd(() => {
      if (!this.#closed) for (const listener of this.#lost) listener();
    });
    return master;
  }

  /**
   * Runs a command of the POSIX shell.
   * @throws DoctorError BACKEND_ERROR when it ends with another code than 0; else see `execute`
   */
  async exec(command: string, options: ExecOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.execute(command, options);
    if (code !== 0) {
      // its output may hold secrets
      const said = lastLine(stderr);
      throw new DoctorError(
        'BACKEND_ERROR',
        `${this.#what(command, options)}: exit code ${code}${said === '' ? '' : `: ${said}`}`,
        { details: { exitCode: code } },
      );
    }
    return stdout.toString('utf8');
  }

  /**
   * Runs a command and gives its exit code, whatever that is.
   * @throws DoctorError as `connect`, and TIMEOUT (the command over there may go on); the signal's reason when aborted
   */
  execute(command: string, options: ExecOptions = {}): Promise<RunResult> {
    return this.#queue.add(async () => {
      await this.connect(options.signal);
      const { timeoutMs = this.options.commandTimeoutMs, signal, input } = options;
      const args = [...this.#shared(), destination(this.target), this.#wrapped(command, options)];
      const result = await run(this.options.settings.program, args, this.#what(command, options), {
        timeoutMs,
        signal,
        ...(input === undefined ? {} : { input }),
      });
      if (result.code === 255) throw sshError(this.target.name, this.target.address, result.stderr);
      return result;
    });
  }

  /** Starts a command whose standard input and output stay open; the caller ends it. */
  async open(command: string, options: ExecOptions = {}): Promise<ChildProcessWithoutNullStreams> {
    await this.connect(options.signal);
    const args = [...this.#shared(), destination(this.target), this.#wrapped(command, options)];
    const child = spawn(this.options.settings.program, args, { stdio: 'pipe' });
    for (const stream of [child, child.stdin]) stream.on('error', () => {});
    this.#open.add(child);
    child.once('exit', () => this.#open.delete(child));
    return child;
  }

  /** Tells the connection something (`forward`, `cancel`), see ssh's -O. */
  async control(operation: 'forward' | 'cancel', args: readonly string[]): Promise<string> {
    const { settings, commandTimeoutMs } = this.options;
    const all = [...this.#shared(), '-O', operation, ...args, destination(this.target)];
    const what = `${this.target.name}: ssh -O ${operation} ${args.join(' ')}`;
    const result = await run(settings.program, all, what, { timeoutMs: commandTimeoutMs });
    if (result.code !== 0) throw sshError(this.target.name, this.target.address, result.stderr);
    return result.stdout.toString('utf8');
  }

  /** For a session with a machine behind this one. */
  proxyCommand(): string {
    return proxyThrough(this.target, this.options.settings, this.controlPath);
  }

  /** Drops a connection that hangs; the next command makes a new one. */
  async reset(): Promise<void> {
    const master = await this.#connecting?.catch(() => undefined);
    await master?.end();
  }

  /** Ends the connection and all that runs over it. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    // one that came just now may have a connection of its own
    for (const child of this.#open) child.kill('SIGKILL');
    await this.reset();
  }

  /** Never becomes the shared connection itself: without one, ssh makes a connection for this call alone. */
  #shared(): string[] {
    return [
      '-S',
      this.controlPath,
      '-o',
      'ControlMaster=no',
      ...sshArguments(this.target, this.options.settings),
    ];
  }

  #wrapped(command: string, { root = false }: ExecOptions): string {
    return root ? asRoot(command, this.options.sudo) : inShell(command);
  }

  #what(command: string, { what }: ExecOptions): string {
    return `${this.target.name}: ${what ?? command.trim().split('\n')[0]?.slice(0, 120) ?? ''}`;
  }
}
