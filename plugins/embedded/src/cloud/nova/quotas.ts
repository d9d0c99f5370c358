import { objectField } from '../http/body.js';
import { badRequest, forbidden } from '../http/errors.js';
import type { Call } from '../http/service.js';
import { policyDenies } from './errors.js';
import type { Flavor } from './model.js';
import { type Nova, requireAdmin } from './nova.js';

/** Nova's own defaults. */
const DEFAULT_QUOTA: Record<string, number> = {
  instances: 10,
  cores: 20,
  ram: 51_200,
  metadata_items: 128,
  key_pairs: 100,
  server_groups: 10,
  server_group_members: 10,
  injected_files: 5,
  injected_file_content_bytes: 10_240,
  injected_file_path_bytes: 255,
};

/** Removed from the API: 2.36 took the network ones, 2.57 the injected files. */
const INJECTED = ['injected_files', 'injected_file_content_bytes', 'injected_file_path_bytes'];
const NETWORK = { fixed_ips: -1, floating_ips: -1, security_groups: -1, security_group_rules: -1 };

/** The quota of a project. */
export const quotaOf = (nova: Nova, projectId: string): Record<string, number> => ({
  ...DEFAULT_QUOTA,
  ...nova.options.quota,
  ...nova.quotas.get(projectId),
});

/** 403 in Nova's words when so many servers of the flavor would be over the quota. */
export function enforceQuota(nova: Nova, projectId: string, flavor: Flavor, count: number): void {
  const quota = quotaOf(nova, projectId);
  const used = nova.used(projectId);
  const wanted = { instances: count, cores: count * flavor.vcpus, ram: count * flavor.memoryMb };
  const over = (['cores', 'instances', 'ram'] as const).filter((name) => {
    const limit = quota[name] ?? -1;
    return limit >= 0 && used[name] + wanted[name] > limit;
  });
  if (over.length === 0) return;
  const list = (values: (name: (typeof over)[number]) => unknown): string => over.map(values).join(', ');
  throw forbidden(
    `Quota exceeded for ${list((name) => name)}: Requested ${list((name) => wanted[name])}, ` +
      `but already used ${list((name) => used[name])} of ${list((name) => quota[name])} ${list((name) => name)}`,
  );
}

function render(call: Call, projectId: string, quota: Record<string, unknown>): unknown {
  const view: Record<string, unknown> = { id: projectId, ...quota };
  if (call.version < 36) Object.assign(view, NETWORK);
  if (call.version >= 57) for (const key of INJECTED) delete view[key];
  return view;
}

export function addQuotaRoutes(nova: Nova): void {
  const { service } = nova;
  const project = (call: Call): string => {
    const id = call.params['project'] ?? '';
    if (call.token.admin || call.token.project?.id === id) return id;
    throw policyDenies('os_compute_api:os-quota-sets:show');
  };
  service.route('GET', '/v2.1/os-quota-sets/:project', 'quotas.get', (call) => {
    const id = project(call);
    return { body: { quota_set: render(call, id, quotaOf(nova, id)) } };
  });
  service.route('GET', '/v2.1/os-quota-sets/:project/defaults', 'quotas.defaults', (call) => ({
    body: {
      quota_set: render(call, call.params['project'] ?? '', { ...DEFAULT_QUOTA, ...nova.options.quota }),
    },
  }));
  service.route('GET', '/v2.1/os-quota-sets/:project/detail', 'quotas.detail', (call) => {
    const id = project(call);
    const used: Record<string, number> = { ...nova.used(id), server_groups: groupsOf(nova, id) };
    const detail = Object.entries(quotaOf(nova, id)).map(([key, limit]) => [
      key,
      { limit, in_use: used[key] ?? 0, reserved: 0 },
    ]);
    return { body: { quota_set: render(call, id, Object.fromEntries(detail)) } };
  });
  service.route('PUT', '/v2.1/os-quota-sets/:project', 'quotas.update', (call) => {
    requireAdmin(call, 'os_compute_api:os-quota-sets:update');
    const id = call.params['project'] ?? '';
    const quota = { ...nova.quotas.get(id) };
    for (const [key, value] of Object.entries(objectField(call.body, 'quota_set'))) {
      if (key === 'force' || key === 'tenant_id' || key in NETWORK) continue;
      const limit = Number(value);
      if (!(key in DEFAULT_QUOTA) || !Number.isSafeInteger(limit) || limit < -1) {
        throw badRequest(`Invalid input for field/attribute quota_set. Value: {'${key}': ${String(value)}}.`);
      }
      quota[key] = limit;
    }
    nova.quotas.set(id, quota);
    const { id: _, ...view } = render(call, id, quotaOf(nova, id)) as Record<string, unknown>;
    return { body: { quota_set: view } };
  });
  service.route('DELETE', '/v2.1/os-quota-sets/:project', 'quotas.delete', (call) => {
    requireAdmin(call, 'os_compute_api:os-quota-sets:delete');
    nova.quotas.delete(call.params['project'] ?? '');
    return { status: 202 };
  });
  service.route('GET', '/v2.1/limits', 'limits.get', (call) => limits(nova, call));
}

/** How many server groups the project has. */
export function groupsOf(nova: Nova, projectId: string): number {
  let count = 0;
  for (const group of nova.groups.values()) if (group.projectId === projectId) count += 1;
  return count;
}

function limits(nova: Nova, call: Call): { body: unknown } {
  const asked = [call.query['tenant_id']].flat()[0];
  const id = asked !== undefined && call.token.admin ? asked : (call.token.project?.id ?? '');
  const quota = quotaOf(nova, id);
  const used = nova.used(id);
  const absolute = {
    maxTotalInstances: quota['instances'],
    maxTotalCores: quota['cores'],
    maxTotalRAMSize: quota['ram'],
    maxServerMeta: quota['metadata_items'],
    maxTotalKeypairs: quota['key_pairs'],
    maxServerGroups: quota['server_groups'],
    maxServerGroupMembers: quota['server_group_members'],
    totalInstancesUsed: used.instances,
    totalCoresUsed: used.cores,
    totalRAMUsed: used.ram,
    totalServerGroupsUsed: groupsOf(nova, id),
  };
  return { body: { limits: { rate: [], absolute } } };
}
