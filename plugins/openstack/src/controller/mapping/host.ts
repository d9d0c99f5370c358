import type { Host } from '@nfv-doctor/core/plugin-api';

/** An entry of os-services. */
export interface NovaService {
  /** Number before 2.53, UUID since. */
  id: number | string;
  binary: string;
  host: string;
  state: 'up' | 'down';
  status: 'enabled' | 'disabled';
  disabled_reason?: string | null;
  forced_down?: boolean;
  zone?: string;
}

/** An entry of os-hypervisors/detail; 2.88 took the figures away. */
export interface NovaHypervisor {
  id?: number | string;
  service?: { host?: string };
  vcpus?: number;
  vcpus_used?: number;
  memory_mb?: number;
  memory_mb_used?: number;
  running_vms?: number;
}

/** The hosts of nova-compute with their hypervisors' figures; one with several (Ironic) gets the sums. */
export function toHosts(services: readonly NovaService[], hypervisors: readonly NovaHypervisor[]): Host[] {
  const byHost = new Map<string, NovaHypervisor[]>();
  for (const hypervisor of hypervisors) {
    const name = hypervisor.service?.host;
    if (name !== undefined) byHost.set(name, [...(byHost.get(name) ?? []), hypervisor]);
  }
  return services
    .filter(({ binary }) => binary === 'nova-compute')
    .map((service) => toHost(service, byHost.get(service.host) ?? []));
}

function toHost(service: NovaService, hypervisors: readonly NovaHypervisor[]): Host {
  const figures = {
    vcpus: sum(hypervisors, 'vcpus'),
    vcpusUsed: sum(hypervisors, 'vcpus_used'),
    memoryMb: sum(hypervisors, 'memory_mb'),
    memoryMbUsed: sum(hypervisors, 'memory_mb_used'),
    runningInstances: sum(hypervisors, 'running_vms'),
  };
  const known = Object.entries(figures).filter(([, value]) => value !== undefined);
  return {
    hostname: service.host,
    serviceId: String(service.id),
    state: service.state,
    status: service.status,
    forcedDown: service.forced_down ?? false,
    ...(service.disabled_reason ? { disabledReason: service.disabled_reason } : {}),
    ...(service.zone ? { zone: service.zone } : {}),
    ...(Object.fromEntries(known) as Partial<Host>),
  };
}

type Figure = 'vcpus' | 'vcpus_used' | 'memory_mb' | 'memory_mb_used' | 'running_vms';

function sum(hypervisors: readonly NovaHypervisor[], key: Figure): number | undefined {
  const values = hypervisors.map((hypervisor) => hypervisor[key]).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : values.reduce((total, value) => total + value, 0);
}
