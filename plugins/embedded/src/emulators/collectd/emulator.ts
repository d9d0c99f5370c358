import { HostProber } from '../watchers/host-prober.js';
import { post } from '../watchers/posting.js';
import type { WatchedHost, WatchOptions } from '../watchers/watched-hosts.js';
import type { Emulator, EmulatorContext } from '../types.js';
import { pingNotification } from './notification.js';

/** A collectd that pings the hosts: the same bodies, by UDP instead of ICMP. What cannot be posted is lost, as with collectd. */
export class CollectdEmulator implements Emulator {
  readonly #prober: HostProber;
  readonly #options: WatchOptions;
  readonly #stopping = new AbortController();

  constructor(context: EmulatorContext, options: WatchOptions) {
    this.#options = options;
    const tell = (host: WatchedHost, isUp: boolean) => {
      const body = pingNotification(context.clock, host, isUp);
      post(options.url, body, this.#stopping.signal).catch((error: unknown) =>
        context.log('collectd.not_posted', { error: String(error) }),
      );
    };
    // collectd's threshold plugin tells the first state, too
    this.#prober = new HostProber(context.clock, options.intervalMs, tell, true);
  }

  get url(): string {
    return this.#options.url;
  }
  start(): Promise<void> {
    return this.#prober.start(this.#options.hosts());
  }
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#prober.stop();
  }
}
