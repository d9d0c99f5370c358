import type { ApiError } from '../http/errors.js';
import { forbidden, notFound } from '../http/errors.js';
import { type Call, Service, type ServiceContext } from '../http/service.js';
import type { ComputeHost } from '../nova/index.js';

/** Placement, read only: what the hosts have and what is used of it. */
export function createPlacement(context: ServiceContext, hosts: readonly ComputeHost[]): Service {
  const service = new Service(
    {
      name: 'placement',
      renderError: (error: ApiError) => ({
        errors: [{ status: error.status, title: error.type || 'Error', detail: error.message }],
      }),
      headers: () => ({ 'openstack-api-version': 'placement 1.39', vary: 'openstack-api-version' }),
    },
    context,
  );
  const version = {
    id: 'v1.0',
    max_version: '1.39',
    min_version: '1.0',
    status: 'CURRENT',
    links: [{ rel: 'self', href: '' }],
  };
  service.route('GET', '/', 'versions', () => ({ body: { versions: [version] } }), true);

  const requireAdmin = (call: Call): void => {
    if (!call.token.admin) throw forbidden('Access was denied to this resource.');
  };
  const find = (call: Call): ComputeHost => {
    requireAdmin(call);
    const host = hosts.find((one) => one.hypervisorUuid === call.params['id']);
    if (host === undefined) throw notFound(`No resource provider with uuid ${call.params['id']} found`);
    return host;
  };
  service.route('GET', '/resource_providers', 'resource_providers.list', (call) => {
    requireAdmin(call);
    const name = [call.query['name']].flat()[0];
    return {
      body: { resource_providers: hosts.filter((host) => !name || host.hostname === name).map(render) },
    };
  });
  service.route('GET', '/resource_providers/:id', 'resource_providers.get', (call) => ({
    body: render(find(call)),
  }));
  service.route('GET', '/resource_providers/:id/inventories', 'inventories.list', (call) => {
    const { spec } = find(call);
    const inventory = (total: number): unknown => ({
      total,
      reserved: 0,
      min_unit: 1,
      max_unit: total,
      step_size: 1,
      allocation_ratio: 1,
    });
    const inventories = {
      VCPU: inventory(spec.vcpus),
      MEMORY_MB: inventory(spec.memoryMb),
      DISK_GB: inventory(spec.diskGb),
    };
    return { body: { resource_provider_generation: 1, inventories } };
  });
  service.route('GET', '/resource_providers/:id/usages', 'usages.list', (call) => {
    const host = find(call);
    const usages = { VCPU: host.vcpusUsed, MEMORY_MB: host.memoryUsedMb, DISK_GB: host.diskUsedGb };
    return { body: { resource_provider_generation: 1, usages } };
  });
  return service;
}

const render = (host: ComputeHost): unknown => ({
  uuid: host.hypervisorUuid,
  name: host.hostname,
  generation: 1,
  parent_provider_uuid: null,
  root_provider_uuid: host.hypervisorUuid,
  links: ['', '/inventories', '/usages'].map((path) => ({
    rel: path.slice(1) || 'self',
    href: `/resource_providers/${host.hypervisorUuid}${path}`,
  })),
});
