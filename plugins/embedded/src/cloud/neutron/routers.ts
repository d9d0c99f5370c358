import { isObject, type Json, objectField, optionalText } from '../http/body.js';
import { badRequest, conflict, notFound } from '../http/errors.js';
import type { Call } from '../http/service.js';
import { listResources } from './lists.js';
import { defined } from './networks.js';
import { findResource, type Neutron, ownProject, type Port, requireOwner } from './neutron.js';
import { createPort, removePort } from './ports.js';
import { enforceQuota } from './quotas.js';
import type { Resource } from './store.js';

export const ROUTER_INTERFACE = 'network:router_interface';
const ROUTER_GATEWAY = 'network:router_gateway';

const portsOf = (neutron: Neutron, router: Resource, owner: string): Port[] =>
  [...neutron.ports.by('device_id', router.id)].filter((port) => port.device_owner === owner);

/** The external network that the router is connected to, if any. */
export function gatewayNetwork(router: Resource): string | undefined {
  const gateway = router['external_gateway_info'];
  return isObject(gateway) ? String(gateway['network_id']) : undefined;
}

function setGateway(neutron: Neutron, call: Call, router: Resource, given: unknown): void {
  const old = gatewayNetwork(router);
  const wanted = isObject(given) ? String(given['network_id']) : undefined;
  if (old === wanted) return;
  if (old !== undefined && neutron.floatingIps.by('router_id', router.id).size > 0) {
    throw conflict(
      `Gateway cannot be updated for router ${router.id}, since a gateway to external network ${old} is required by one or more floating IPs.`,
      'RouterExternalGatewayInUseByFloatingIp',
    );
  }
  const network = wanted === undefined ? undefined : neutron.networks.get(wanted);
  if (wanted !== undefined && network === undefined)
    throw notFound(`Network ${wanted} could not be found.`, 'NetworkNotFound');
  if (network !== undefined && !network['router:external']) {
    throw badRequest(`Bad router request: Network ${wanted} is not an external network.`, 'BadRequest');
  }
  for (const port of portsOf(neutron, router, ROUTER_GATEWAY)) removePort(neutron, call, port);
  if (network === undefined) {
    neutron.routers.update(router, { external_gateway_info: null });
    return;
  }
  const use = { projectId: '', deviceId: router.id, deviceOwner: ROUTER_GATEWAY };
  const port = createPort(neutron, network, use);
  neutron.ports.update(port, { status: 'ACTIVE' });
  neutron.routers.update(router, {
    external_gateway_info: { network_id: network.id, external_fixed_ips: port.fixed_ips, enable_snat: true },
  });
}

export function addRouterRoutes(neutron: Neutron): void {
  const { service, routers } = neutron;
  const find = (call: Call): Resource => findResource(call, routers, 'Router', call.params['id'] ?? '');
  service.route('GET', '/v2.0/routers', 'routers.list', (call) => listResources(call, routers, 'routers'));
  service.route('POST', '/v2.0/routers', 'routers.create', (call) => {
    const given = objectField(call.body, 'router');
    const project = ownProject(call, given);
    enforceQuota(neutron, project, 'router', routers);
    const router = routers.add({
      ...neutron.blank(project, optionalText(given, 'name') ?? '', optionalText(given, 'description') ?? ''),
      admin_state_up: true,
      availability_zone_hints: [],
      availability_zones: [],
      distributed: false,
      external_gateway_info: null,
      flavor_id: null,
      ha: false,
      revision_number: 1,
      routes: [],
      status: 'ACTIVE',
    });
    try {
      setGateway(neutron, call, router, given['external_gateway_info']);
    } catch (error) {
      routers.remove(router);
      throw error;
    }
    neutron.notify(call, 'router.create.end', () => ({ router: { ...router } }));
    return { status: 201, body: { router } };
  });
  service.route('GET', '/v2.0/routers/:id', 'routers.get', (call) => ({ body: { router: find(call) } }));
  service.route('PUT', '/v2.0/routers/:id', 'routers.update', (call) => {
    const router = find(call);
    requireOwner(call, router, 'update_router');
    const given = objectField(call.body, 'router');
    if ('external_gateway_info' in given) setGateway(neutron, call, router, given['external_gateway_info']);
    const { name, description, admin_state_up } = given;
    routers.update(router, defined({ name, description, admin_state_up }));
    return { body: { router } };
  });
  service.route('DELETE', '/v2.0/routers/:id', 'routers.delete', (call) => {
    const router = find(call);
    requireOwner(call, router, 'delete_router');
    if (portsOf(neutron, router, ROUTER_INTERFACE).length > 0) {
      throw conflict(`Router ${router.id} still has ports`, 'RouterInUse');
    }
    setGateway(neutron, call, router, null);
    routers.remove(router);
    neutron.notify(call, 'router.delete.end', () => ({ router_id: router.id, router: { ...router } }));
    return { status: 204 };
  });
  service.route('PUT', '/v2.0/routers/:id/add_router_interface', 'routers.add_interface', (call) =>
    addInterface(neutron, call, find(call)),
  );
  service.route('PUT', '/v2.0/routers/:id/remove_router_interface', 'routers.remove_interface', (call) =>
    removeInterface(neutron, call, find(call)),
  );
}

function addInterface(neutron: Neutron, call: Call, router: Resource): { body: unknown } {
  requireOwner(call, router, 'add_router_interface');
  const given: Json = isObject(call.body) ? call.body : {};
  const subnetId = optionalText(given, 'subnet_id');
  const portId = optionalText(given, 'port_id');
  if (subnetId === undefined && portId === undefined) {
    throw badRequest('Bad router request: Either subnet_id or port_id must be specified.', 'BadRequest');
  }
  const port =
    portId === undefined
      ? interfaceOn(neutron, call, router, subnetId ?? '')
      : findResource(call, neutron.ports, 'Port', portId);
  neutron.ports.update(port, { device_id: router.id, device_owner: ROUTER_INTERFACE, status: 'ACTIVE' });
  return { body: renderInterface(router, port) };
}

function interfaceOn(neutron: Neutron, call: Call, router: Resource, subnetId: string): Port {
  const subnet = findResource(call, neutron.subnets, 'Subnet', subnetId);
  const network = findResource(call, neutron.networks, 'Network', subnet.network_id);
  for (const port of portsOf(neutron, router, ROUTER_INTERFACE)) {
    if (!port.fixed_ips.some((fixed) => fixed.subnet_id === subnetId)) continue;
    throw badRequest(`Bad router request: Router already has a port on subnet ${subnetId}.`, 'BadRequest');
  }
  if (subnet.gateway_ip === null)
    throw badRequest('Bad router request: Subnet for router interface must have a gateway IP.', 'BadRequest');
  const pool = neutron.pools.get(subnetId);
  const taken = [...neutron.ports.by('network_id', network.id)].some((port) =>
    port.fixed_ips.some((fixed) => fixed.ip_address === subnet.gateway_ip),
  );
  if (taken)
    throw conflict(
      `IP address ${subnet.gateway_ip} already allocated in subnet ${subnetId}`,
      'IpAddressAlreadyAllocated',
    );
  // The gateway address is kept out of the pool, for exactly this interface.
  pool?.release(subnet.gateway_ip);
  const use = {
    projectId: router.project_id,
    deviceId: router.id,
    deviceOwner: ROUTER_INTERFACE,
    address: subnet.gateway_ip,
  };
  return createPort(neutron, { ...network, subnets: [subnetId] }, use);
}

function removeInterface(neutron: Neutron, call: Call, router: Resource): { body: unknown } {
  requireOwner(call, router, 'remove_router_interface');
  const given: Json = isObject(call.body) ? call.body : {};
  const [subnetId, portId] = [optionalText(given, 'subnet_id'), optionalText(given, 'port_id')];
  const port = portsOf(neutron, router, ROUTER_INTERFACE).find(
    (item) =>
      item.id === portId ||
      (portId === undefined && item.fixed_ips.some((fixed) => fixed.subnet_id === subnetId)),
  );
  if (port === undefined) {
    throw notFound(
      `Router ${router.id} has no interface on subnet ${subnetId ?? portId}`,
      'RouterInterfaceNotFoundForSubnet',
    );
  }
  const subnet = neutron.subnets.get(port.fixed_ips[0]?.subnet_id ?? '');
  if (neutron.floatingIps.by('router_id', router.id).size > 0) {
    for (const floating of neutron.floatingIps.by('router_id', router.id)) {
      if (neutron.ports.get(floating.port_id ?? '')?.network_id !== port.network_id) continue;
      throw conflict(
        `Router interface for subnet ${subnet?.id} on router ${router.id} cannot be deleted, as it is required by one or more floating IPs.`,
        'RouterInterfaceInUseByFloatingIP',
      );
    }
  }
  removePort(neutron, call, port);
  if (subnet?.gateway_ip) neutron.pools.get(subnet.id)?.claim(subnet.gateway_ip);
  return { body: renderInterface(router, port) };
}

function renderInterface(router: Resource, port: Port): unknown {
  const subnets = port.fixed_ips.map((fixed) => fixed.subnet_id);
  return {
    id: router.id,
    network_id: port.network_id,
    port_id: port.id,
    subnet_id: subnets[0] ?? null,
    subnet_ids: subnets,
    tenant_id: router.project_id,
  };
}
