import type { FloatingIp, Network, Port, Router, Subnet } from '@nfv-doctor/core/plugin-api';

interface Owned {
  id: string;
  project_id?: string;
  tenant_id?: string;
}

export interface NeutronNetwork extends Owned {
  name: string;
  'router:external'?: boolean;
}
export interface NeutronSubnet extends Owned {
  name: string;
  network_id: string;
  cidr: string;
}
export interface NeutronRouter extends Owned {
  name: string;
}
export interface NeutronPort extends Owned {
  device_id: string;
  network_id: string;
  fixed_ips?: { ip_address: string }[];
  /** Absent without the data-plane-status extension. */
  data_plane_status?: 'ACTIVE' | 'DOWN' | null;
}
export interface NeutronFloatingIp extends Owned {
  floating_ip_address: string;
  port_id: string | null;
  fixed_ip_address: string | null;
}

const owner = ({ project_id, tenant_id }: Owned) => {
  const projectId = project_id ?? tenant_id;
  return projectId ? { projectId } : {};
};

export const toNetwork = (network: NeutronNetwork): Network => ({
  id: network.id,
  name: network.name,
  external: network['router:external'] ?? false,
  ...owner(network),
});

export const toSubnet = (subnet: NeutronSubnet): Subnet => ({
  id: subnet.id,
  name: subnet.name,
  networkId: subnet.network_id,
  cidr: subnet.cidr,
});

export const toRouter = ({ id, name }: NeutronRouter): Router => ({ id, name });

export const toPort = (port: NeutronPort): Port => ({
  id: port.id,
  deviceId: port.device_id,
  networkId: port.network_id,
  addresses: (port.fixed_ips ?? []).map(({ ip_address }) => ip_address),
  dataPlaneStatus: port.data_plane_status ?? null,
});

export const toFloatingIp = (floatingIp: NeutronFloatingIp): FloatingIp => ({
  id: floatingIp.id,
  address: floatingIp.floating_ip_address,
  portId: floatingIp.port_id,
  fixedAddress: floatingIp.fixed_ip_address,
  ...owner(floatingIp),
});
