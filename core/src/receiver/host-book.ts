import type { DeployedHost } from '../domain/host.js';

/** The watched hosts, found by their name, its first label, or one of their addresses. */
export class HostBook {
  readonly #hosts = new Map<string, DeployedHost>();
  readonly #byAlias = new Map<string, string>();

  add(host: DeployedHost): void {
    this.remove(host.hostname);
    this.#hosts.set(host.hostname, host);
    for (const alias of aliases(host)) this.#byAlias.set(alias, host.hostname);
  }

  remove(hostname: string): void {
    const host = this.#hosts.get(hostname);
    if (!host) return;
    this.#hosts.delete(hostname);
    for (const alias of aliases(host)) if (this.#byAlias.get(alias) === hostname) this.#byAlias.delete(alias);
  }

  /** @param name with or without a port: `compute-1:9100`, `[::1]:9100` */
  find(name: string): string | undefined {
    const bare = name.replace(/^\[(.+)\](:\d+)?$/, '$1').replace(/^([^:]+):\d+$/, '$1');
    return this.#byAlias.get(name) ?? this.#byAlias.get(bare);
  }

  get size(): number {
    return this.#hosts.size;
  }
}

const aliases = ({ hostname, addresses }: DeployedHost): string[] => [
  hostname,
  hostname.split('.')[0] as string,
  ...addresses.map(({ address }) => address),
];
