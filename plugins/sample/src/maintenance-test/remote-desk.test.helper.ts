import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { DoctorError, type Notification } from '@nfv-doctor/core/plugin-api';
import type { ModelCloud } from './model-cloud.test.helper.js';
import { Rpc } from './rpc.test.helper.js';

export interface RemoteDeskOptions {
  folder: string;
  cloud: ModelCloud;
  publish(notification: Notification): void;
  /** Each life is ended around this write; 0: it lives on. */
  mode: 'after' | 'before';
  write(life: number): number;
}

/** An admin tool in a process that dies again and again, and is started again each time. */
export class RemoteDesk {
  lives = 0;
  #child: ChildProcess | undefined;
  #rpc: Rpc | undefined;
  #ready: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(readonly options: RemoteDeskOptions) {
    options.cloud.publish = (notification) => void this.#rpc?.call('notify', notification).catch(() => {});
    this.#live();
  }

  #live(): void {
    const { folder, mode, write } = this.options;
    const life = ++this.lives;
    const child = fork(
      new URL('./admin-process.test.helper.js', import.meta.url),
      [folder, mode, String(write(life))],
      { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], serialization: 'advanced' },
    );
    let ready = () => {};
    this.#ready = new Promise((resolve) => {
      ready = resolve;
    });
    const rpc = new Rpc(
      (packet) => void (child.connected && child.send(packet as never, () => {})),
      async (method, args) => {
        if (method === 'ready') return ready();
        if (method === 'publish') return this.options.publish(args[0] as Notification);
        return this.#cloud(method, args);
      },
    );
    this.#child = child;
    this.#rpc = rpc;
    child.on('message', (packet) => rpc.receive(packet as never));
    child.on('exit', () => {
      rpc.close();
      if (!this.#ended) this.#live();
    });
  }

  async #cloud(method: string, args: unknown[]): Promise<unknown> {
    const { cloud } = this.options;
    const [part, name = ''] = method.split('.');
    if (part === 'notifier') return cloud.listAlarms();
    const compute = cloud.compute as unknown as Record<string, (...all: unknown[]) => unknown>;
    return compute[name]?.(...args);
  }

  /** Calls the desk in whatever life; again, when it died meanwhile. */
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

  async stop(): Promise<void> {
    this.#ended = true;
    if (!this.#child || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
