import type { CreateInstance, Flavor } from '@nfv-doctor/core/plugin-api';

/** Bodies of Nova's requests. */

export function createServerBody(request: CreateInstance, zone: string | undefined): unknown {
  const { name, flavorId, imageId, networkIds, serverGroupId, hostname, metadata } = request;
  return {
    server: {
      name,
      flavorRef: flavorId,
      imageRef: imageId,
      networks: networkIds.map((uuid) => ({ uuid })),
      ...(metadata ? { metadata } : {}),
      ...(hostname && zone ? { availability_zone: `${zone}:${hostname}` } : {}),
    },
    ...(serverGroupId ? { 'os:scheduler_hints': { group: serverGroupId } } : {}),
  };
}

export const resetStateBody = (state: 'error' | 'active') => ({ 'os-resetState': { state } });

/** A target needs 2.56. */
export const migrateBody = (host: string | undefined) => ({ migrate: host ? { host } : null });

/** `auto` needs 2.25; before it, Nova wants to be told how disks are moved. */
export const liveMigrateBody = (host: string | undefined, auto: boolean) => ({
  'os-migrateLive': auto
    ? { host: host ?? null, block_migration: 'auto' }
    : { host: host ?? null, block_migration: false, disk_over_commit: false },
});

export const createFlavorBody = ({ name, vcpus, memoryMb, diskGb }: Omit<Flavor, 'id'>) => ({
  flavor: { name, vcpus, ram: memoryMb, disk: diskGb },
});

/** One policy since 2.64, a list before. */
export const createServerGroupBody = (name: string, policy: string, single: boolean) => ({
  server_group: single ? { name, policy } : { name, policies: [policy] },
});
