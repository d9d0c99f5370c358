import type { Json } from '../http/body.js';
import { badRequest, notFound } from '../http/errors.js';
import type { Call } from '../http/service.js';
import type { ComputeHost } from './compute-host.js';
import { type Nova, requireAdmin } from './nova.js';

const CPU_INFO = {
  arch: 'x86_64',
  model: 'Nehalem',
  vendor: 'Intel',
  features: ['pge', 'clflush'],
  topology: { cores: 1, threads: 1, sockets: 4 },
};

function renderShort(call: Call, host: ComputeHost): Json {
  return {
    hypervisor_hostname: host.hostname,
    id: call.version >= 53 ? host.hypervisorUuid : host.hypervisorNumber,
    state: host.isUp() ? 'up' : 'down',
    status: host.disabled ? 'disabled' : 'enabled',
  };
}

function render(nova: Nova, call: Call, host: ComputeHost): Json {
  const { version } = call;
  const view: Json = {
    ...renderShort(call, host),
    host_ip: '127.0.0.1',
    hypervisor_type: 'fake',
    hypervisor_version: 1000,
    service: {
      disabled_reason: host.disabledReason,
      host: host.hostname,
      id: version >= 53 ? host.serviceUuid : host.serviceNumber,
    },
  };
  if (version >= 88) {
    // 2.88 leaves usage to Placement; the up time moved here.
    view['uptime'] = null;
  } else {
    Object.assign(view, usage(nova, host));
    view['cpu_info'] = version >= 28 ? CPU_INFO : JSON.stringify(CPU_INFO);
  }
  if (version >= 53 && call.query['with_servers'] !== undefined) {
    const servers = [...nova.servers.ofHost(host.hostname)].map((server) => ({
      uuid: server.id,
      name: instanceName(server.number),
    }));
    if (servers.length > 0 || version >= 75) view['servers'] = servers;
  }
  return view;
}

const instanceName = (number: number): string => `instance-${number.toString(16).padStart(8, '0')}`;

function usage(nova: Nova, host: ComputeHost): Json {
  const { spec } = host;
  return {
    vcpus: spec.vcpus,
    vcpus_used: host.vcpusUsed,
    memory_mb: spec.memoryMb,
    memory_mb_used: host.memoryUsedMb,
    free_ram_mb: spec.memoryMb - host.memoryUsedMb,
    local_gb: spec.diskGb,
    local_gb_used: host.diskUsedGb,
    free_disk_gb: spec.diskGb - host.diskUsedGb,
    disk_available_least: 0,
    current_workload: 0,
    running_vms: nova.servers.ofHost(host.hostname).size,
  };
}

export function addHypervisorRoutes(nova: Nova): void {
  const { service } = nova;
  const find = (call: Call): ComputeHost => {
    const id = call.params['id'] ?? '';
    const host = [...nova.hosts.values()].find(
      (one) => one.hypervisorUuid === id || String(one.hypervisorNumber) === id,
    );
    if (host === undefined) throw notFound(`Hypervisor with ID '${id}' could not be found.`);
    return host;
  };
  const hosts = (call: Call): ComputeHost[] => {
    const pattern = [call.query['hypervisor_hostname_pattern']].flat()[0];
    return [...nova.hosts.values()].filter((host) => !pattern || host.hostname.includes(pattern));
  };
  service.route('GET', '/v2.1/os-hypervisors', 'hypervisors.list', (call) => {
    requireAdmin(call, 'os_compute_api:os-hypervisors:list');
    return { body: { hypervisors: hosts(call).map((host) => renderShort(call, host)) } };
  });
  service.route('GET', '/v2.1/os-hypervisors/detail', 'hypervisors.detail', (call) => {
    requireAdmin(call, 'os_compute_api:os-hypervisors:list-detail');
    return { body: { hypervisors: hosts(call).map((host) => render(nova, call, host)) } };
  });
  service.route('GET', '/v2.1/os-hypervisors/statistics', 'hypervisors.statistics', (call) => {
    requireAdmin(call, 'os_compute_api:os-hypervisors:statistics');
    const total: Record<string, number> = { count: nova.hosts.size };
    for (const host of nova.hosts.values()) {
      for (const [key, value] of Object.entries(usage(nova, host)))
        total[key] = (total[key] ?? 0) + Number(value);
    }
    return { body: { hypervisor_statistics: total } };
  });
  service.route('GET', '/v2.1/os-hypervisors/:id/servers', 'hypervisors.servers', (call) => {
    requireAdmin(call, 'os_compute_api:os-hypervisors:servers');
    const found = [...nova.hosts.values()].filter((host) => host.hostname.includes(call.params['id'] ?? ''));
    const view = found.map((host) => ({
      ...renderShort(call, host),
      servers: [...nova.servers.ofHost(host.hostname)].map((server) => ({
        uuid: server.id,
        name: instanceName(server.number),
      })),
    }));
    return { body: { hypervisors: view } };
  });
  // Until 2.87 the up time has a path of its own.
  service.route('GET', '/v2.1/os-hypervisors/:id/uptime', 'hypervisors.uptime', (call) => {
    requireAdmin(call, 'os_compute_api:os-hypervisors:uptime');
    const host = find(call);
    if (!host.isUp()) throw badRequest(`Compute service of ${host.hostname} is unavailable at this time.`);
    return { body: { hypervisor: { ...renderShort(call, host), uptime: uptime(nova) } } };
  });
  service.route('GET', '/v2.1/os-hypervisors/:id', 'hypervisors.get', (call) => {
    requireAdmin(call, 'os_compute_api:os-hypervisors:show');
    const host = find(call);
    return { body: { hypervisor: render(nova, call, host) } };
  });
}

/** As the tool `uptime` writes it. */
function uptime(nova: Nova): string {
  const minutes = Math.floor((nova.clock.now() - nova.startedAt) / 60_000);
  return ` ${new Date(nova.clock.now()).toISOString().slice(11, 19)} up ${minutes} min,  0 users,  load average: 0.00, 0.00, 0.00`;
}
