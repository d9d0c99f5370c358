import { type Clock, DoctorError, type Logger } from '@nfv-doctor/core/plugin-api';
import type { SshSession } from './session.js';

/** A port of one machine that leads to a port of another. */
export interface Tunnel {
  /** `remote`: the far machine listens and leads here; `local`: this one listens and leads there. */
  direction: 'remote' | 'local';
  /** Address to listen on; default 127.0.0.1. */
  listenAddress?: string;
  /** Port to listen on. */
  listenPort: number;
  /** Where it leads, as seen from the other end; default 127.0.0.1. */
  address?: string;
  port: number;
}

/** ms between two attempts to make lost tunnels again. */
const RETRY = { first: 500, last: 30_000 };

const specification = ({
  direction,
  listenAddress = '127.0.0.1',
  listenPort,
  address = '127.0.0.1',
  port,
}: Tunnel): string[] => [
  direction === 'remote' ? '-R' : '-L',
  `${bracketed(listenAddress)}:${listenPort}:${bracketed(address)}:${port}`,
];

const bracketed = (address: string) => (address.includes(':') ? `[${address}]` : address);

/** Tunnels over one connection, made again whenever it was lost. */
export class Tunnels {
  readonly #open: Tunnel[] = [];
  readonly #stopped = new AbortController();
  #repairing: Promise<void> | undefined;

  constructor(
    readonly session: SshSession,
    readonly services: { clock: Clock; log: Logger },
  ) {
    session.onLost(() => this.#repair());
  }

  /** @throws DoctorError CONFLICT when the port is taken, or as `SshSession.connect` */
  async open(tunnel: Tunnel, signal?: AbortSignal): Promise<void> {
    if (this.#stopped.signal.aborted) throw new DoctorError('ABORTED', 'tunnels: closed already');
    await this.session.connect(signal);
    await this.session.control('forward', specification(tunnel));
    this.#open.push(tunnel);
  }

  /** Whether some are lost at the moment and being made again. */
  get lost(): boolean {
    return this.#repairing !== undefined;
  }

  /** Closes all of them. Idempotent; never throws (they end with the connection at the latest). */
  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#repairing;
    for (const tunnel of this.#open.splice(0))
      await this.session.control('cancel', specification(tunnel)).catch(() => {});
  }

  #repair(): void {
    if (this.#open.length === 0 || this.#stopped.signal.aborted) return;
    this.#repairing ??= this.#again().finally(() => {
      this.#repairing = undefined;
    });
  }

  async #again(): Promise<void> {
    const { clock, log } = this.services;
    const { signal } = this.#stopped;
    const { name } = this.session.target;
    log.warn(
      { event: 'installer.tunnels_lost', machine: name },
      `${name}: connection lost, its tunnels with it`,
    );
    const missing = new Set(this.#open);
    for (
      let pause = RETRY.first;
      missing.size > 0 && !signal.aborted;
      pause = Math.min(pause * 2, RETRY.last)
    ) {
      await clock.sleep(pause, signal).catch(() => {});
      if (signal.aborted) return;
      try {
        await this.session.connect(signal);
        for (const tunnel of missing) {
          await this.session.control('forward', specification(tunnel));
          missing.delete(tunnel);
        }
      } catch (error) {
        log.debug({ event: 'installer.tunnels_retry', machine: name, err: error }, (error as Error).message);
      }
    }
    if (missing.size === 0)
      log.info({ event: 'installer.tunnels_back', machine: name }, `${name}: tunnels are back`);
  }
}
