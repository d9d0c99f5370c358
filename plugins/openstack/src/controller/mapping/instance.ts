import type { Instance } from '@nfv-doctor/core/plugin-api';

/** A server as Nova shows it, 2.1 to 2.87. Administrators see more of it. */
export interface NovaServer {
  id: string;
  name: string;
  status: string;
  tenant_id?: string;
  project_id?: string;
  user_id?: string;
  created?: string;
  metadata?: Record<string, string>;
  addresses?: Record<string, { addr: string }[]>;
  /** `''` when booted from a volume. */
  image?: { id?: string } | '';
  /** `{id}` before 2.47, the flavor itself since. */
  flavor?: { id?: string; original_name?: string; vcpus?: number; ram?: number };
  host_status?: string;
  fault?: { message?: string };
  'OS-EXT-SRV-ATTR:host'?: string | null;
  'OS-EXT-STS:task_state'?: string | null;
}

export function toInstance(server: NovaServer): Instance {
  const { flavor = {}, image } = server;
  const flavorName = flavor.original_name ?? flavor.id;
  const imageId = image ? image.id : undefined;
  const hostname = server['OS-EXT-SRV-ATTR:host'];
  const taskState = server['OS-EXT-STS:task_state'];
  return {
    id: server.id,
    name: server.name,
    projectId: server.tenant_id ?? server.project_id ?? '',
    status: server.status,
    addresses: addressesOf(server.addresses),
    metadata: server.metadata ?? {},
    ...(server.user_id ? { userId: server.user_id } : {}),
    ...(taskState === undefined ? {} : { taskState }),
    ...(hostname === undefined ? {} : { hostname: hostname === '' ? null : hostname }),
    ...(server.host_status === undefined ? {} : { hostStatus: server.host_status }),
    ...(flavorName ? { flavor: flavorName } : {}),
    ...(flavor.vcpus === undefined ? {} : { vcpus: flavor.vcpus }),
    ...(flavor.ram === undefined ? {} : { memoryMb: flavor.ram }),
    ...(imageId ? { imageId } : {}),
    ...(server.created ? { createdAt: server.created } : {}),
    ...(server.fault?.message ? { fault: server.fault.message } : {}),
  };
}

function addressesOf(networks: NovaServer['addresses']): Record<string, string[]> {
  const result: Record<string, string[]> = {};
  for (const [name, addresses] of Object.entries(networks ?? {}))
    result[name] = addresses.map(({ addr }) => addr);
  return result;
}
