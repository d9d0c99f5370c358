/** One host's presence on the network: something that probes reach, and that can be silenced. */
export interface HostNetwork {
  /** Address to probe. */
  readonly address: string;
  /** Port that echoes TCP and UDP. */
  readonly port: number;
  /** The link goes down: nothing is answered any more. Resolves when that is so. */
  cut(): Promise<void>;
  /** The link is back. */
  restore(): Promise<void>;
  close(): Promise<void>;
}
