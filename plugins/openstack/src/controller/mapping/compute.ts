import type { ComputeQuota, Flavor, ServerGroup } from '@nfv-doctor/core/plugin-api';

export interface NovaFlavor {
  id: string;
  name: string;
  vcpus: number;
  ram: number;
  disk: number;
}

export const toFlavor = ({ id, name, vcpus, ram, disk }: NovaFlavor): Flavor => ({
  id,
  name,
  vcpus,
  memoryMb: ram,
  diskGb: disk,
});

export interface NovaServerGroup {
  id: string;
  name: string;
  /** Since 2.64. */
  policy?: string;
  /** Before 2.64. */
  policies?: string[];
  members?: string[];
  project_id?: string;
}

export const toServerGroup = (group: NovaServerGroup): ServerGroup => ({
  id: group.id,
  name: group.name,
  policy: group.policy ?? group.policies?.[0] ?? '',
  members: group.members ?? [],
  ...(group.project_id ? { projectId: group.project_id } : {}),
});

export interface NovaQuota {
  instances: number;
  cores: number;
  ram: number;
}

export const toQuota = ({ instances, cores, ram }: NovaQuota): ComputeQuota => ({
  instances,
  cores,
  memoryMb: ram,
});
