import { objectField, readBoolean } from '../http/body.js';
import { conflict, forbidden } from '../http/errors.js';
import type { Call } from '../http/service.js';
import type { Neutron } from './neutron.js';
import type { Collection, Resource } from './store.js';

/** Roomier than Neutron's own defaults (100 networks, 500 ports): a test bed of 1,000 instances must fit. */
const DEFAULTS: Record<string, number> = {
  network: 100,
  subnet: 100,
  subnetpool: -1,
  port: 5000,
  router: 10,
  floatingip: 50,
  rbac_policy: 10,
  security_group: 10,
  security_group_rule: 100,
};

/** Refuses one more resource when the project's quota is used up. */
export function enforceQuota<T extends Resource>(
  neutron: Neutron,
  projectId: string,
  resource: string,
  collection: Collection<T>,
): void {
  const limit = limits(neutron, projectId)[resource] ?? -1;
  if (limit < 0 || collection.by('project_id', projectId).size < limit) return;
  throw conflict(`Quota exceeded for resources: ['${resource}'].`, 'OverQuota');
}

const limits = (neutron: Neutron, projectId: string): Record<string, number> => ({
  ...DEFAULTS,
  ...neutron.quotas.get(projectId),
});

export function addQuotaRoutes(neutron: Neutron): void {
  const { service } = neutron;
  const project = (call: Call): string => {
    const id = call.params['id'] ?? '';
    if (call.token.admin || call.token.project?.id === id) return id;
    throw forbidden('rule:get_quota is disallowed by policy');
  };
  service.route('GET', '/v2.0/quotas/:id', 'quotas.get', (call) => ({
    body: { quota: limits(neutron, project(call)) },
  }));
  service.route('GET', '/v2.0/quotas/:id/default', 'quotas.default', () => ({ body: { quota: DEFAULTS } }));
  service.route('GET', '/v2.0/quotas/:id/details.json', 'quotas.details', (call) => {
    const id = project(call);
    const used: Record<string, number> = {
      network: neutron.networks.by('project_id', id).size,
      subnet: neutron.subnets.by('project_id', id).size,
      port: neutron.ports.by('project_id', id).size,
      router: neutron.routers.by('project_id', id).size,
      floatingip: neutron.floatingIps.by('project_id', id).size,
    };
    const entries = Object.entries(limits(neutron, id)).map(([key, limit]) => [
      key,
      { limit, used: used[key] ?? 0, reserved: 0 },
    ]);
    return { body: { quota: Object.fromEntries(entries) } };
  });
  service.route('PUT', '/v2.0/quotas/:id', 'quotas.update', (call) => {
    if (!call.token.admin) throw forbidden('rule:update_quota is disallowed by policy');
    const id = call.params['id'] ?? '';
    const given = objectField(call.body, 'quota');
    const quota = { ...neutron.quotas.get(id) };
    for (const [key, value] of Object.entries(given)) {
      if (key in DEFAULTS && readBoolean(value) !== value) quota[key] = Number(value);
    }
    neutron.quotas.set(id, quota);
    return { body: { quota: limits(neutron, id) } };
  });
  service.route('DELETE', '/v2.0/quotas/:id', 'quotas.delete', (call) => {
    if (!call.token.admin) throw forbidden('rule:delete_quota is disallowed by policy');
    neutron.quotas.delete(call.params['id'] ?? '');
    return { status: 204 };
  });
}
