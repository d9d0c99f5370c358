import type { CloudTimer } from '../../cloud/clock.js';
import type { Emulator, EmulatorContext } from '../types.js';
import { HostProber } from '../watchers/host-prober.js';
import { post } from '../watchers/posting.js';
import type { WatchedHost, WatchOptions } from '../watchers/watched-hosts.js';
import { webhook } from './webhook.js';

const RETRY_MS = 200;

/** Prometheus with its blackbox exporter and an Alertmanager: the same bodies; what is refused is sent again until it is out of date. */
export class AlertmanagerEmulator implements Emulator {
  readonly #context: EmulatorContext;
  readonly #options: WatchOptions;
  readonly #prober: HostProber;
  readonly #stopping = new AbortController();
  readonly #since = new Map<string, number>();
  readonly #retries = new Map<string, CloudTimer>();

  constructor(context: EmulatorContext, options: WatchOptions) {
    this.#context = context;
    this.#options = options;
    this.#prober = new HostProber(context.clock, options.intervalMs, (host, isUp) => {
      if (!isUp) this.#since.set(host.hostname, context.clock.now());
      this.#retries.get(host.hostname)?.cancel();
      this.#send(host, isUp);
    });
  }

  get url(): string {
    return this.#options.url;
  }
  start(): Promise<void> {
    return this.#prober.start(this.#options.hosts());
  }
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const timer of this.#retries.values()) timer.cancel();
    await this.#prober.stop();
  }

  #send(host: WatchedHost, isUp: boolean): void {
    const { clock, log } = this.#context;
    const { url } = this.#options;
    const body = webhook(
      clock,
      host,
      isUp,
      this.#since.get(host.hostname) ?? clock.now(),
      new URL(url).origin,
    );
    post(url, body, this.#stopping.signal).catch((error: unknown) => {
      if (this.#stopping.signal.aborted) return;
      log('alertmanager.not_posted', { error: String(error) });
      this.#retries.set(
        host.hostname,
        clock.setTimeout(() => this.#send(host, isUp), RETRY_MS),
      );
    });
  }
}
