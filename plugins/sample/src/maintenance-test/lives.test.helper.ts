import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { DoctorError } from '@nfv-doctor/core/plugin-api';
import type { When } from './mortal.test.helper.js';
import { Rpc } from './rpc.test.helper.js';

/** A process is killed at every fifth of its writes, or as asked for: loading one takes a second of processor time. */
export const KILL_EVERY = Number(process.env['DOCTOR_KILL_EVERY'] ?? 5);

export interface LivesOptions {
  /** Module of the process. */
  module: string;
  /** Folder of its databases. */
  folder: string;
  when: When;
  /** The write around which each life ends; 0: it lives on. */
  write(life: number): number;
  /** What the process asks of this one. */
  handle(method: string, args: unknown[]): unknown;
}

/** A process that dies again and again, and is started again each time. The next one is loaded while one lives. */
export class Lives {
  count = 0;
  #next: ChildProcess;
  #child: ChildProcess | undefined;
  #rpc: Rpc | undefined;
  #ready: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(readonly options: LivesOptions) {
    this.#next = this.#load();
    this.#live();
  }

  #load(): ChildProcess {
    return fork(new URL(this.options.module, import.meta.url), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'advanced',
    });
  }

  #live(): void {
    const { folder, when, write, handle } = this.options;
    const child = this.#next;
    let ready = () => {};
    this.#ready = new Promise((resolve) => {
      ready = resolve;
    });
    const rpc = new Rpc(
      (packet) => void (child.connected && child.send(packet as never, () => {})),
      async (method, args) => (method === 'ready' ? ready() : handle(method, args)),
    );
    this.#child = child;
    this.#rpc = rpc;
    child.on('message', (packet) => rpc.receive(packet as never));
    child.on('exit', () => {
      rpc.close();
      if (!this.#ended) this.#live();
    });
    child.send({ folder, when, at: write(++this.count) });
    this.#next = this.#load();
  }

  /** Calls the process in whatever life; again, when it died meanwhile. */
  async call<T>(method: string, ...args: unknown[]): Promise<T> {
    for (;;) {
      await this.#ready;
      try {
        return await (this.#rpc as Rpc).call<T>(method, ...args);
      } catch (error) {
        if (!DoctorError.is(error) || error.code !== 'BACKEND_UNREACHABLE' || this.#ended) throw error;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  }

  /** Tells the present life, if there is one. */
  tell(method: string, ...args: unknown[]): void {
    this.#rpc?.call(method, ...args).catch(() => {});
  }

  async stop(): Promise<void> {
    this.#ended = true;
    for (const child of [this.#child, this.#next]) {
      if (!child || child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
}
