import type { Clock } from '@nfv-doctor/core/plugin-api';
import type { Survey } from './session.js';

/**
 * Tells hosts that have only fallen silent from dead ones, for a while: Nova reports a host down when it has not heard of it,
 * and after a restart of the message broker it has not heard of any. Who is forced down is dead, and not waited for.
 */
export class Silence {
  readonly #heard: Set<string>;
  #since: number | undefined;

  /** @param hostnames hosts that were up when the session was made */
  constructor(
    hostnames: readonly string[],
    readonly clock: Clock,
    readonly patienceMs: number,
  ) {
    this.#heard = new Set(hostnames);
  }

  /** Hosts that were up, are silent, and may yet come back. */
  awaited(hosts: Survey['hosts']): string[] {
    for (const { hostname, up } of hosts) if (up) this.#heard.add(hostname);
    const silent = hosts.flatMap(({ hostname, silent }) =>
      silent && this.#heard.has(hostname) ? [hostname] : [],
    );
    if (silent.length === 0) {
      this.#since = undefined;
      return [];
    }
    this.#since ??= this.clock.monotonic();
    if (this.clock.monotonic() - this.#since < this.patienceMs) return silent;
    for (const hostname of silent) this.#heard.delete(hostname);
    return [];
  }
}
