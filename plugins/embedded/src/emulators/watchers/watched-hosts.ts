/** A host to probe. */
export interface WatchedHost {
  hostname: string;
  address: string;
  /** Echoes UDP. */
  port: number;
}

/** Where and how often the emulated collectd or Alertmanager looks, and where it posts to. */
export interface WatchOptions {
  /** The monitor's URL. */
  url: string;
  /** Between two probes of a host, ms. */
  intervalMs: number;
  /** Whether the hosts are real enough for the real program: they answer ICMP and their links really go down. */
  real: boolean;
  hosts(): readonly WatchedHost[];
}
