import type { ConfigValues } from '@nfv-doctor/core/plugin-api';
import type { FailureRule, HostSpec } from '../cloud/index.js';

/** Section `installer` of type `embedded`. */
export const embeddedConfig = {
  hosts: {
    count: { doc: 'number of compute hosts (compute-1, compute-2, ...)', format: 'count', default: 3 },
    vcpus: { doc: 'vCPUs of each host', format: 'count', default: 128 },
    memory_mb: { doc: 'memory of each host, MiB', format: 'count', default: 262_144 },
    disk_gb: { doc: 'disk of each host, GB', format: 'count', default: 1028 },
    list: {
      doc: 'the hosts one by one, instead of count and size: objects with hostname, vcpus, memory_mb and disk_gb',
      format: Array,
      default: [] as readonly unknown[],
    },
  },
  network: {
    doc: 'what a probe reaches: loopback (an address of 127/8 per host that answers TCP and UDP; ICMP cannot be cut), namespaces (a network namespace per host with a real link, answers ICMP too; needs root and `ip`), none',
    format: ['loopback', 'namespaces', 'none'],
    default: 'loopback',
  },
  latency: {
    distribution: {
      doc: "how long the cloud's calls take: none, fixed (ms), uniform (min to max) or lognormal (median, sigma)",
      format: ['none', 'fixed', 'uniform', 'lognormal'],
      default: 'none',
    },
    fixed: { doc: 'latency of every call, distribution fixed', format: 'duration', default: 50 },
    min: { doc: 'shortest latency, distribution uniform', format: 'duration', default: 20 },
    max: { doc: 'longest latency, distribution uniform', format: 'duration', default: 100 },
    median: { doc: 'median latency, distribution lognormal', format: 'duration', default: 50 },
    sigma: {
      doc: "deviation of the latency's logarithm, distribution lognormal (0.5: the 99th percentile is 3.2 times the median)",
      format: Number,
      default: 0.5,
    },
  },
  failures: {
    doc: 'calls that fail: objects with operation (such as nova.servers.action, nova.*, *), rate (0 to 1), effect (an HTTP status, hang or drop), and optionally when (before or after the operation is done) and times',
    format: Array,
    default: [] as readonly unknown[],
  },
  boot_time: { doc: 'from BUILD to ACTIVE', format: 'duration', default: 0 },
  delete_time: { doc: 'until a deleted server is gone', format: 'duration', default: 0 },
  migration_time: { doc: 'cold migration until VERIFY_RESIZE', format: 'duration', default: 200 },
  confirm_time: { doc: 'confirmation of a cold migration', format: 'duration', default: 50 },
  live_migration_time: { doc: 'live migration', format: 'duration', default: 300 },
  token_lifetime: { doc: 'life of a token', format: 'duration', default: 3_600_000 },
  owners_see_host_status: {
    doc: 'whether the owners of servers see host_status (on a real cloud: a change of the policy of Nova)',
    format: Boolean,
    default: true,
  },
  quota: {
    instances: {
      doc: 'instances of a project without a quota of its own; -1: unlimited',
      format: 'int',
      default: 10,
    },
    cores: {
      doc: 'vCPUs of a project without a quota of its own; -1: unlimited',
      format: 'int',
      default: 20,
    },
    ram_mb: {
      doc: 'memory of a project without a quota of its own, MiB; -1: unlimited',
      format: 'int',
      default: 51_200,
    },
  },
  ports: {
    identity: { doc: 'port of Keystone; 0: a free one', format: 'port', default: 0 },
    compute: { doc: 'port of Nova; 0: a free one', format: 'port', default: 0 },
    network: { doc: 'port of Neutron; 0: a free one', format: 'port', default: 0 },
    image: { doc: 'port of Glance; 0: a free one', format: 'port', default: 0 },
    placement: { doc: 'port of Placement; 0: a free one', format: 'port', default: 0 },
  },
  emulators: {
    doc: 'services to run beside the cloud, each with its entry in the catalog: congress (policy), vitrage (rca), fenix (maintenance), aodh (alarming, with Ceilometer); and what watches its hosts: collectd, alertmanager (the real programs where the network is namespaces and they are installed)',
    format: 'strings',
    default: [] as readonly string[],
  },
  collectd: {
    url: {
      doc: 'where the collectd of emulators posts to: the address of the monitor collectd, with its path',
      format: 'url_or_empty',
      default: '',
    },
    interval: { doc: 'time between two probes of a host', format: 'duration', default: 100 },
  },
  alertmanager: {
    url: {
      doc: 'where the Alertmanager of emulators posts to: the address of the monitor prometheus, with its path',
      format: 'url_or_empty',
      default: '',
    },
    interval: { doc: 'time between two probes of a host', format: 'duration', default: 100 },
  },
  admin_password: {
    doc: 'password of the user admin; empty: a random one per start',
    format: String,
    default: '',
    sensitive: true,
  },
};

export type EmbeddedConfig = ConfigValues<typeof embeddedConfig>;

/** The entries of `hosts.list`, checked. Throws RangeError that names the entry. */
export function readHostList(list: readonly unknown[], config: EmbeddedConfig['hosts']): HostSpec[] {
  const names = new Set<string>();
  return list.map((entry, index) => {
    const where = `installer.hosts.list[${index}]`;
    const given = readObject(entry, where, ['hostname', 'vcpus', 'memory_mb', 'disk_gb']);
    const { hostname } = given;
    if (typeof hostname !== 'string' || hostname === '')
      throw new RangeError(`${where}.hostname must be a name`);
    if (names.has(hostname)) throw new RangeError(`${where}.hostname: ${hostname} is there twice`);
    names.add(hostname);
    const size = (key: 'vcpus' | 'memory_mb' | 'disk_gb'): number => {
      const value = given[key] ?? config[key];
      if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
      throw new RangeError(`${where}.${key} must be a positive integer, found ${JSON.stringify(value)}`);
    };
    return { hostname, vcpus: size('vcpus'), memoryMb: size('memory_mb'), diskGb: size('disk_gb') };
  });
}

/** The entries of `failures`, checked. Throws RangeError that names the entry. */
export function readFailures(list: readonly unknown[]): FailureRule[] {
  return list.map((entry, index) => {
    const where = `installer.failures[${index}]`;
    const given = readObject(entry, where, ['operation', 'rate', 'effect', 'when', 'times']);
    const { operation, rate, effect, when = 'before', times } = given;
    if (typeof operation !== 'string')
      throw new RangeError(`${where}.operation must be a name such as nova.servers.action`);
    if (typeof rate !== 'number' || rate < 0 || rate > 1)
      throw new RangeError(`${where}.rate must be from 0 to 1`);
    const status = typeof effect === 'number' && effect >= 400 && effect <= 599;
    if (!status && effect !== 'hang' && effect !== 'drop') {
      throw new RangeError(`${where}.effect must be an HTTP status from 400 to 599, hang or drop`);
    }
    if (when !== 'before' && when !== 'after') throw new RangeError(`${where}.when must be before or after`);
    if (times !== undefined && typeof times !== 'number')
      throw new RangeError(`${where}.times must be a number`);
    return {
      operation,
      rate,
      effect: effect as FailureRule['effect'],
      when,
      ...(times !== undefined && { times }),
    };
  });
}

function readObject(entry: unknown, where: string, keys: readonly string[]): Record<string, unknown> {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    throw new RangeError(`${where} must be an object with ${keys.join(', ')}`);
  }
  const unknown = Object.keys(entry).find((key) => !keys.includes(key));
  if (unknown !== undefined)
    throw new RangeError(`${where} has the unknown key ${unknown}; known are ${keys.join(', ')}`);
  return entry as Record<string, unknown>;
}
