/** A compute host as the Controller sees it (Nova: os-services of nova-compute with its hypervisor). */
export interface Host {
  hostname: string;
  /** Nova's service id: an integer before microversion 2.53, a UUID after. */
  serviceId: string;
  /** Nova's own view of nova-compute: `down` when forced down or silent. */
  state: 'up' | 'down';
  /** Whether the scheduler may use it. */
  status: 'enabled' | 'disabled';
  disabledReason?: string;
  forcedDown: boolean;
  zone?: string;
  vcpus?: number;
  vcpusUsed?: number;
  memoryMb?: number;
  memoryMbUsed?: number;
  runningInstances?: number;
}

/** A way to find out whether a host is alive: ICMP echo, TCP connection, UDP echo. */
export type ProbeKind = 'icmp' | 'tcp' | 'udp';

/** One address of a host in one plane (management, data, storage, ...), for probing it. */
export interface HostAddress {
  plane: string;
  address: string;
  /** Port for the `tcp` and `udp` probes. */
  port?: number;
  /** The probes that tell whether the host is alive, best first; absent: nothing is known, ICMP is a fair guess. */
  probes?: readonly ProbeKind[];
}

/** A host as the Installer deployed it and a Monitor watches it. */
export interface DeployedHost {
  hostname: string;
  addresses: HostAddress[];
}
