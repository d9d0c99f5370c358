import { isObject, type Json, objectField, optionalText } from '../http/body.js';
import { badRequest, conflict, forbidden, notFound } from '../http/errors.js';
import type { Call } from '../http/service.js';
import type { Cause } from '../notifications/notifications.js';
import { detachFloatingIps } from './floating-ip-ports.js';
import { listResources } from './lists.js';
import { defined } from './networks.js';
import { findResource, type Network, type Neutron, ownProject, type Port, requireOwner } from './neutron.js';
import { enforceQuota } from './quotas.js';
import { defaultGroup } from './security-groups.js';

const BINDING = ['binding:host_id', 'binding:profile', 'binding:vif_details', 'binding:vif_type'];

/** Members do not see where a port is bound. */
function renderPort(call: Call, port: Port): Record<string, unknown> {
  if (call.token.admin) return port;
  return Object.fromEntries(Object.entries(port).filter(([key]) => !BINDING.includes(key)));
}

/** Who a port is for. */
export interface PortUse {
  projectId: string;
  deviceId?: string;
  deviceOwner?: string;
  host?: string;
  name?: string;
  /** The address it must have. */
  address?: string;
}

/** Makes a port with one address of each (IPv4) subnet of the network. */
export function createPort(neutron: Neutron, network: Network, use: PortUse): Port {
  const address = allocate(neutron, network, use.address);
  const bound = use.host !== undefined && use.host !== '';
  return neutron.ports.add({
    ...neutron.blank(use.projectId, use.name ?? ''),
    admin_state_up: true,
    allowed_address_pairs: [],
    'binding:host_id': use.host ?? '',
    'binding:profile': {},
    'binding:vif_details': bound ? VIF_DETAILS : {},
    'binding:vif_type': bound ? 'ovs' : 'unbound',
    'binding:vnic_type': 'normal',
    data_plane_status: null,
    device_id: use.deviceId ?? '',
    device_owner: use.deviceOwner ?? '',
    extra_dhcp_opts: [],
    fixed_ips: address,
    mac_address: neutron.nextMac(),
    network_id: network.id,
    port_security_enabled: true,
    revision_number: 1,
    security_groups: [defaultGroup(neutron, use.projectId).id],
    status: 'DOWN',
  });
}

const VIF_DETAILS = {
  bridge_name: 'br-int',
  connectivity: 'l2',
  datapath_type: 'system',
  ovs_hybrid_plug: false,
  port_filter: true,
};

function allocate(neutron: Neutron, network: Network, wanted: string | undefined): Port['fixed_ips'] {
  for (const subnetId of network.subnets) {
    const pool = neutron.pools.get(subnetId);
    if (wanted !== undefined) {
      if (pool?.claim(wanted)) return [{ ip_address: wanted, subnet_id: subnetId }];
      throw conflict(
        `IP address ${wanted} already allocated in subnet ${subnetId}`,
        'IpAddressAlreadyAllocated',
      );
    }
    const address = pool?.take();
    if (address !== undefined) return [{ ip_address: address, subnet_id: subnetId }];
  }
  if (network.subnets.length === 0) return [];
  throw conflict(`No more IP addresses available on network ${network.id}.`, 'IpAddressGenerationFailure');
}

/** Binds the port to a host (or to none), as Nova does when an instance boots or moves. */
export function bindPort(
  neutron: Neutron,
  port: Port,
  host: string,
  status: 'ACTIVE' | 'DOWN' | 'BUILD',
): void {
  const bound = host !== '';
  neutron.ports.update(port, {
    'binding:host_id': host,
    'binding:vif_type': bound ? 'ovs' : 'unbound',
    'binding:vif_details': bound ? VIF_DETAILS : {},
    status,
  });
}

/** Removes the port: its address is free again, floating IPs point nowhere. */
export function removePort(neutron: Neutron, cause: Cause, port: Port): void {
  detachFloatingIps(neutron, cause, port.id);
  for (const { ip_address, subnet_id } of port.fixed_ips) neutron.pools.get(subnet_id)?.release(ip_address);
  neutron.ports.remove(port);
  neutron.notify(cause, 'port.delete.end', () => ({ port_id: port.id, port: { ...port } }));
}

export function addPortRoutes(neutron: Neutron): void {
  const { service, ports } = neutron;
  const find = (call: Call): Port => findResource(call, ports, 'Port', call.params['id'] ?? '');
  service.route('GET', '/v2.0/ports', 'ports.list', (call) =>
    listResources(call, ports, 'ports', (item) => renderPort(call, item)),
  );
  service.route('GET', '/v2.0/ports/:id', 'ports.get', (call) => ({
    body: { port: renderPort(call, find(call)) },
  }));
  service.route('POST', '/v2.0/ports', 'ports.create', (call) => {
    const given = objectField(call.body, 'port');
    const id = optionalText(given, 'network_id') ?? '';
    const network = findResource(call, neutron.networks, 'Network', id);
    const projectId = ownProject(call, given);
    enforceQuota(neutron, projectId, 'port', ports);
    const fixed =
      Array.isArray(given['fixed_ips']) && isObject(given['fixed_ips'][0]) ? given['fixed_ips'][0] : {};
    const address = optionalText(fixed, 'ip_address');
    const port = createPort(neutron, network, {
      projectId,
      deviceId: optionalText(given, 'device_id') ?? '',
      deviceOwner: optionalText(given, 'device_owner') ?? '',
      name: optionalText(given, 'name') ?? '',
      host: call.token.admin ? (optionalText(given, 'binding:host_id') ?? '') : '',
      ...(address !== undefined && { address }),
    });
    port.description = optionalText(given, 'description') ?? '';
    neutron.notify(call, 'port.create.end', () => ({ port: { ...port } }));
    return { status: 201, body: { port: renderPort(call, port) } };
  });
  service.route('PUT', '/v2.0/ports/:id', 'ports.update', (call) => update(neutron, call, find(call)));
  service.route('DELETE', '/v2.0/ports/:id', 'ports.delete', (call) => {
    const port = find(call);
    requireOwner(call, port, 'delete_port');
    if (port.device_owner.startsWith('network:router')) {
      throw conflict(
        `Port ${port.id} cannot be deleted directly via the port API: has device owner ${port.device_owner}.`,
        'ServicePortInUse',
      );
    }
    removePort(neutron, call, port);
    return { status: 204 };
  });
}

const DATA_PLANE = new Set<unknown>(['ACTIVE', 'DOWN', null]);

function update(neutron: Neutron, call: Call, port: Port): { body: unknown } {
  requireOwner(call, port, 'update_port');
  const given = objectField(call.body, 'port');
  checkDataPlane(call, given);
  if (!call.token.admin && BINDING.some((field) => field in given)) {
    throw forbidden('(rule:update_port and rule:update_port:binding:host_id) is disallowed by policy');
  }
  const { name, description, admin_state_up, device_id, device_owner, data_plane_status, security_groups } =
    given;
  const fields = {
    name,
    description,
    admin_state_up,
    device_id,
    device_owner,
    data_plane_status,
    security_groups,
  };
  neutron.ports.update(port, defined(fields) as Partial<Port>);
  const host = optionalText(given, 'binding:host_id');
  if (host !== undefined) bindPort(neutron, port, host, port.status === 'ACTIVE' ? 'ACTIVE' : 'DOWN');
  neutron.notify(call, 'port.update.end', () => ({ port: { ...port } }));
  return { body: { port: renderPort(call, port) } };
}

function checkDataPlane(call: Call, given: Json): void {
  if (!('data_plane_status' in given)) return;
  const integrator = call.token.roles.some((role) => role.name === 'data_plane_integrator');
  if (!call.token.admin && !integrator) {
    throw forbidden('(rule:update_port and rule:update_port:data_plane_status) is disallowed by policy');
  }
  const value = given['data_plane_status'];
  if (DATA_PLANE.has(value)) return;
  throw badRequest(
    `Invalid input for data_plane_status. Reason: '${String(value)}' is not in ['ACTIVE', 'DOWN'].`,
    'HTTPBadRequest',
  );
}

/** The port that a caller names, for Nova: 404 in Nova's words. */
export function portForServer(neutron: Neutron, id: string): Port {
  const port = neutron.ports.get(id);
  if (port === undefined) throw notFound(`Port id ${id} could not be found.`);
  if (port.device_id !== '') throw conflict(`Port ${id} is still in use.`);
  return port;
}
