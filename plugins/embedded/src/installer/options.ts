import type { EmbeddedCloudOptions, LatencyDistribution } from '../cloud/index.js';
import { type EmbeddedConfig, readFailures, readHostList } from './config.js';

/** The cloud's options from Doctor's configuration. Throws RangeError that names the key. */
export function cloudOptions(config: EmbeddedConfig): EmbeddedCloudOptions {
  const { hosts, quota } = config;
  const list = readHostList(hosts.list, hosts);
  return {
    hosts:
      list.length > 0
        ? list
        : { count: hosts.count, vcpus: hosts.vcpus, memoryMb: hosts.memory_mb, diskGb: hosts.disk_gb },
    network: config.network as NonNullable<EmbeddedCloudOptions['network']>,
    latency: latencyOf(config.latency),
    failures: readFailures(config.failures),
    bootMs: config.boot_time,
    deleteMs: config.delete_time,
    migrationMs: config.migration_time,
    confirmMs: config.confirm_time,
    liveMigrationMs: config.live_migration_time,
    tokenLifetimeMs: config.token_lifetime,
    ownersSeeHostStatus: config.owners_see_host_status,
    quota: { instances: quota.instances, cores: quota.cores, ram: quota.ram_mb },
    ports: config.ports,
    ...(config.admin_password !== '' && { adminPassword: config.admin_password }),
  };
}

function latencyOf(latency: EmbeddedConfig['latency']): LatencyDistribution {
  switch (latency.distribution) {
    case 'fixed':
      return { distribution: 'fixed', ms: latency.fixed };
    case 'uniform':
      if (latency.min > latency.max)
        throw new RangeError('installer.latency.min must not be above installer.latency.max');
      return { distribution: 'uniform', minMs: latency.min, maxMs: latency.max };
    case 'lognormal':
      return { distribution: 'lognormal', medianMs: latency.median, sigma: latency.sigma };
    default:
      return { distribution: 'none' };
  }
}
