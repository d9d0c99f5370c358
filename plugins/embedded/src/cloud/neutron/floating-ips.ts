import { objectField, optionalText } from '../http/body.js';
import { badRequest, conflict, notFound } from '../http/errors.js';
import type { Answer, Call } from '../http/service.js';
import { renderFloatingIp } from './floating-ip-ports.js';
import { listResources } from './lists.js';
import { defined } from './networks.js';
import {
  type FloatingIp,
  findResource,
  type Network,
  type Neutron,
  ownProject,
  type Port,
  requireOwner,
} from './neutron.js';
import { createPort, removePort } from './ports.js';
import { enforceQuota } from './quotas.js';
import { gatewayNetwork, ROUTER_INTERFACE } from './routers.js';

/** The router that joins the port's subnet with the external network. */
function routerFor(neutron: Neutron, port: Port, externalId: string): string | undefined {
  const subnets = new Set(port.fixed_ips.map((fixed) => fixed.subnet_id));
  for (const candidate of neutron.ports.by('network_id', port.network_id)) {
    if (candidate.device_owner !== ROUTER_INTERFACE) continue;
    if (!candidate.fixed_ips.some((fixed) => subnets.has(fixed.subnet_id))) continue;
    const router = neutron.routers.get(candidate.device_id);
    if (router !== undefined && gatewayNetwork(router) === externalId) return router.id;
  }
  return undefined;
}

/** Points the floating IP at a port, or nowhere. */
function associate(
  neutron: Neutron,
  call: Call,
  floating: FloatingIp,
  portId: string | null,
): Partial<FloatingIp> {
  if (portId === null) return { port_id: null, fixed_ip_address: null, router_id: null, status: 'DOWN' };
  const port = findResource(call, neutron.ports, 'Port', portId);
  const fixed = port.fixed_ips[0]?.ip_address;
  if (fixed === undefined) {
    throw badRequest(
      `Bad floatingip request: Cannot add floating IP to port ${portId} that has no fixed IPv4 addresses.`,
      'BadRequest',
    );
  }
  for (const other of neutron.floatingIps.by('port_id', portId)) {
    if (other === floating) continue;
    throw conflict(
      `Cannot associate floating IP ${floating.floating_ip_address} (${floating.id}) with port ${portId} using fixed IP ${fixed}, as that fixed IP already has a floating IP on external network ${floating.floating_network_id}.`,
      'FloatingIPPortAlreadyAssociated',
    );
  }
  const router = routerFor(neutron, port, floating.floating_network_id);
  if (router === undefined) {
    throw notFound(
      `External network ${floating.floating_network_id} is not reachable from subnet ${port.fixed_ips[0]?.subnet_id}.  Therefore, cannot associate Port ${portId} with a Floating IP.`,
      'ExternalGatewayForFloatingIPNotFound',
    );
  }
  return { port_id: portId, fixed_ip_address: fixed, router_id: router, status: 'ACTIVE' };
}

export function addFloatingIpRoutes(neutron: Neutron): void {
  const { service, floatingIps } = neutron;
  const find = (call: Call): FloatingIp =>
    findResource(call, floatingIps, 'Floating IP', call.params['id'] ?? '');
  service.route('GET', '/v2.0/floatingips', 'floatingips.list', (call) =>
    listResources(call, floatingIps, 'floatingips', (item) => renderFloatingIp(neutron, item)),
  );
  service.route('GET', '/v2.0/floatingips/:id', 'floatingips.get', (call) => ({
    body: { floatingip: renderFloatingIp(neutron, find(call)) },
  }));
  service.route('POST', '/v2.0/floatingips', 'floatingips.create', (call) => create(neutron, call));
  service.route('PUT', '/v2.0/floatingips/:id', 'floatingips.update', (call) => {
    const floating = find(call);
    requireOwner(call, floating, 'update_floatingip');
    const given = objectField(call.body, 'floatingip');
    const portId = given['port_id'] === undefined ? undefined : (optionalText(given, 'port_id') ?? null);
    const target = portId === undefined ? {} : associate(neutron, call, floating, portId);
    floatingIps.update(floating, { ...target, ...defined({ description: given['description'] }) });
    neutron.notify(call, 'floatingip.update.end', () => ({
      floatingip: renderFloatingIp(neutron, floating),
    }));
    return { body: { floatingip: renderFloatingIp(neutron, floating) } };
  });
  service.route('DELETE', '/v2.0/floatingips/:id', 'floatingips.delete', (call) => {
    const floating = find(call);
    requireOwner(call, floating, 'delete_floatingip');
    for (const port of neutron.ports.by('device_id', floating.id)) removePort(neutron, call, port);
    floatingIps.remove(floating);
    neutron.notify(call, 'floatingip.delete.end', () => ({
      floatingip_id: floating.id,
      floatingip: { ...floating },
    }));
    return { status: 204 };
  });
}

function externalNetwork(neutron: Neutron, call: Call, id: string): Network {
  const network = findResource(call, neutron.networks, 'Network', id);
  if (network['router:external']) return network;
  throw badRequest(`Bad floatingip request: Network ${id} is not a valid external network.`, 'BadRequest');
}

function create(neutron: Neutron, call: Call): Answer {
  const given = objectField(call.body, 'floatingip');
  const network = externalNetwork(neutron, call, optionalText(given, 'floating_network_id') ?? '');
  const project = ownProject(call, given);
  enforceQuota(neutron, project, 'floatingip', neutron.floatingIps);
  const floating: FloatingIp = {
    ...neutron.blank(project, '', optionalText(given, 'description') ?? ''),
    fixed_ip_address: null,
    floating_ip_address: '',
    floating_network_id: network.id,
    port_id: null,
    router_id: null,
    status: 'DOWN',
  };
  const wanted = optionalText(given, 'floating_ip_address');
  const target = associate(neutron, call, floating, optionalText(given, 'port_id') ?? null);
  // Neutron holds the public address with a port of the external network.
  const holder = createPort(neutron, network, {
    projectId: '',
    deviceId: floating.id,
    deviceOwner: 'network:floatingip',
    ...(wanted !== undefined && { address: wanted }),
  });
  neutron.ports.update(holder, { status: 'N/A' });
  // Neutron's floating IPs have no name; the collection wants one and the API does not show it.
  Object.defineProperty(floating, 'name', { enumerable: false });
  Object.assign(floating, target, { floating_ip_address: holder.fixed_ips[0]?.ip_address ?? '' });
  neutron.floatingIps.add(floating);
  neutron.notify(call, 'floatingip.create.end', () => ({ floatingip: renderFloatingIp(neutron, floating) }));
  return { status: 201, body: { floatingip: renderFloatingIp(neutron, floating) } };
}
