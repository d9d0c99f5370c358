import type { Clock } from '@nfv-doctor/core/plugin-api';
import type { Survey } from './session.js';

/**
 * Tells hosts that have only fallen silent from dead ones, for a while: Nova reports a host down when it has not heard of it,
 * and after a restart of the message broker it has not heard of any. Who is forced down is dead, and not waited for.
 */
export class Silence {
  readonly #heard: Set<string>;
  /** By host, monotonic ms. */
  readonly #since = new Map<string, number>();

  /** @param hostnames hosts that were up when the session was made */
  constructor(
    hostnames: readonly string[],
    readonly clock: Clock,
    readonly patienceMs: number,
  ) {
    this.#heard = new Set(hostnames);
  }

  /** Hosts that were up, are silent, and may yet come back; each is given up when its time is over. */
  awaited(hosts: Survey['hosts']): string[] {
    const now = this.clock.monotonic();
    for (const { hostname, silent } of hosts)
      if (!silent) this.#since.delete(hostname);
      else if (!this.#since.has(hostname)) this.#since.set(hostname, now);
    for (const { hostname, up } of hosts) if (up) this.#heard.add(hostname);
    for (const [hostname, since] of this.#since)
      if (now - since >= this.patienceMs) this.#heard.delete(hostname);
    return [...this.#since.keys()].filter((hostname) => this.#heard.has(hostname));
  }
}
