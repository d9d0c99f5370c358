import { isObject, objectField, optionalText, readBoolean } from '../http/body.js';
import { badRequest, conflict, forbidden, notFound } from '../http/errors.js';
import type { Call } from '../http/service.js';
import { AddressPool, cidrRange, toAddress } from './addresses.js';
import { listResources } from './lists.js';
import {
  findResource,
  type Network,
  type Neutron,
  ownProject,
  requireOwner,
  type Subnet,
} from './neutron.js';
import { enforceQuota } from './quotas.js';

const PROVIDER = ['provider:network_type', 'provider:physical_network', 'provider:segmentation_id'];

/** Members do not see a network's provider fields. */
function renderNetwork(call: Call, network: Network): Record<string, unknown> {
  if (call.token.admin) return network;
  return Object.fromEntries(Object.entries(network).filter(([key]) => !PROVIDER.includes(key)));
}

/** Makes a network; `external` ones hold floating IPs. */
export function createNetwork(
  neutron: Neutron,
  projectId: string,
  name: string,
  external = false,
  shared = false,
): Network {
  return neutron.networks.add({
    ...neutron.blank(projectId, name),
    admin_state_up: true,
    availability_zone_hints: [],
    availability_zones: [],
    ipv4_address_scope: null,
    ipv6_address_scope: null,
    is_default: false,
    mtu: external ? 1500 : 1450,
    port_security_enabled: true,
    'provider:network_type': external ? 'flat' : 'vxlan',
    'provider:physical_network': external ? 'public' : null,
    'provider:segmentation_id': external ? null : neutron.nextSegment(),
    revision_number: 1,
    'router:external': external,
    shared,
    status: 'ACTIVE',
    subnets: [],
  });
}

/** Makes an IPv4 subnet of the network. */
export function createSubnet(neutron: Neutron, network: Network, given: Record<string, unknown>): Subnet {
  const cidr = optionalText(given, 'cidr') ?? '';
  const range = cidrRange(cidr);
  if (range === undefined || range.last - range.first < 3) {
    throw badRequest(`Invalid input for cidr. Reason: '${cidr}' is not a valid IP subnet.`, 'HTTPBadRequest');
  }
  for (const other of neutron.subnets.by('network_id', network.id)) {
    const used = cidrRange(other.cidr);
    if (used === undefined || used.last < range.first || used.first > range.last) continue;
    throw badRequest(
      `Invalid input for operation: Requested subnet with cidr: ${cidr} for network: ${network.id} overlaps with another subnet.`,
      'InvalidInput',
    );
  }
  const gateway =
    given['gateway_ip'] === null ? null : (optionalText(given, 'gateway_ip') ?? toAddress(range.first + 1));
  const wanted =
    Array.isArray(given['allocation_pools']) && isObject(given['allocation_pools'][0])
      ? given['allocation_pools'][0]
      : {};
  const start =
    optionalText(wanted, 'start') ??
    toAddress(range.first + (gateway === toAddress(range.first + 1) ? 2 : 1));
  const end = optionalText(wanted, 'end') ?? toAddress(range.last - 1);
  const subnet = neutron.subnets.add({
    ...neutron.blank(
      network.project_id,
      optionalText(given, 'name') ?? '',
      optionalText(given, 'description') ?? '',
    ),
    allocation_pools: [{ start, end }],
    cidr,
    dns_nameservers: given['dns_nameservers'] ?? [],
    enable_dhcp: readBoolean(given['enable_dhcp'] ?? true) ?? true,
    gateway_ip: gateway,
    host_routes: given['host_routes'] ?? [],
    ip_version: 4,
    ipv6_address_mode: null,
    ipv6_ra_mode: null,
    network_id: network.id,
    service_types: [],
    subnetpool_id: null,
  });
  const pool = cidrRange(`${start}/32`);
  neutron.pools.set(
    subnet.id,
    new AddressPool(pool?.first ?? range.first + 2, cidrRange(`${end}/32`)?.first ?? range.last - 1),
  );
  if (gateway !== null) neutron.pools.get(subnet.id)?.claim(gateway);
  neutron.networks.update(network, { subnets: [...network.subnets, subnet.id] });
  return subnet;
}

export function addNetworkRoutes(neutron: Neutron): void {
  const { service, networks, subnets } = neutron;
  const find = (call: Call): Network => findResource(call, networks, 'Network', call.params['id'] ?? '');
  service.route('GET', '/v2.0/networks', 'networks.list', (call) =>
    listResources(call, networks, 'networks', (item) => renderNetwork(call, item)),
  );
  service.route('POST', '/v2.0/networks', 'networks.create', (call) => {
    const given = objectField(call.body, 'network');
    const external = readBoolean(given['router:external'] ?? false) ?? false;
    const shared = readBoolean(given['shared'] ?? false) ?? false;
    if (external && !call.token.admin)
      throw forbidden(
        '(rule:create_network and rule:create_network:router:external) is disallowed by policy',
      );
    if (shared && !call.token.admin)
      throw forbidden('(rule:create_network and rule:create_network:shared) is disallowed by policy');
    const project = ownProject(call, given);
    enforceQuota(neutron, project, 'network', networks);
    const network = createNetwork(neutron, project, optionalText(given, 'name') ?? '', external, shared);
    network.description = optionalText(given, 'description') ?? '';
    neutron.notify(call, 'network.create.end', () => ({ network: { ...network } }));
    return { status: 201, body: { network: renderNetwork(call, network) } };
  });
  service.route('GET', '/v2.0/networks/:id', 'networks.get', (call) => ({
    body: { network: renderNetwork(call, find(call)) },
  }));
  service.route('PUT', '/v2.0/networks/:id', 'networks.update', (call) => {
    const network = find(call);
    requireOwner(call, network, 'update_network');
    const { name, description, admin_state_up, shared } = objectField(call.body, 'network');
    networks.update(network, defined({ name, description, admin_state_up, shared }) as Partial<Network>);
    return { body: { network: renderNetwork(call, network) } };
  });
  service.route('DELETE', '/v2.0/networks/:id', 'networks.delete', (call) => {
    const network = find(call);
    requireOwner(call, network, 'delete_network');
    if (neutron.ports.by('network_id', network.id).size > 0) {
      throw conflict(
        `Unable to complete operation on network ${network.id}. There are one or more ports still in use on the network.`,
        'NetworkInUse',
      );
    }
    for (const subnet of subnets.by('network_id', network.id)) removeSubnet(neutron, subnet);
    networks.remove(network);
    neutron.notify(call, 'network.delete.end', () => ({ network_id: network.id, network: { ...network } }));
    return { status: 204 };
  });

  const findSubnet = (call: Call): Subnet => findResource(call, subnets, 'Subnet', call.params['id'] ?? '');
  service.route('GET', '/v2.0/subnets', 'subnets.list', (call) => listResources(call, subnets, 'subnets'));
  service.route('POST', '/v2.0/subnets', 'subnets.create', (call) => {
    const given = objectField(call.body, 'subnet');
    const id = optionalText(given, 'network_id') ?? '';
    const network = networks.get(id);
    if (network === undefined) throw notFound(`Network ${id} could not be found.`, 'NetworkNotFound');
    requireOwner(call, network, 'create_subnet');
    if (given['ip_version'] !== 4 && given['ip_version'] !== '4') {
      throw badRequest(
        "Invalid input for ip_version: the embedded cloud has IPv4 subnets only; send 'ip_version': 4.",
        'InvalidInput',
      );
    }
    enforceQuota(neutron, network.project_id, 'subnet', subnets);
    const subnet = createSubnet(neutron, network, given);
    neutron.notify(call, 'subnet.create.end', () => ({ subnet: { ...subnet } }));
    return { status: 201, body: { subnet } };
  });
  service.route('GET', '/v2.0/subnets/:id', 'subnets.get', (call) => ({
    body: { subnet: findSubnet(call) },
  }));
  service.route('PUT', '/v2.0/subnets/:id', 'subnets.update', (call) => {
    const subnet = findSubnet(call);
    requireOwner(call, subnet, 'update_subnet');
    const { name, description, dns_nameservers, enable_dhcp } = objectField(call.body, 'subnet');
    subnets.update(subnet, defined({ name, description, dns_nameservers, enable_dhcp }) as Partial<Subnet>);
    return { body: { subnet } };
  });
  service.route('DELETE', '/v2.0/subnets/:id', 'subnets.delete', (call) => {
    const subnet = findSubnet(call);
    requireOwner(call, subnet, 'delete_subnet');
    for (const port of neutron.ports.by('network_id', subnet.network_id)) {
      if (!port.fixed_ips.some((fixed) => fixed.subnet_id === subnet.id)) continue;
      throw conflict(
        `Unable to complete operation on subnet ${subnet.id}: One or more ports have an IP allocation from this subnet.`,
        'SubnetInUse',
      );
    }
    removeSubnet(neutron, subnet);
    neutron.notify(call, 'subnet.delete.end', () => ({ subnet_id: subnet.id, subnet: { ...subnet } }));
    return { status: 204 };
  });
}

function removeSubnet(neutron: Neutron, subnet: Subnet): void {
  neutron.subnets.remove(subnet);
  neutron.pools.delete(subnet.id);
  const network = neutron.networks.get(subnet.network_id);
  if (network)
    neutron.networks.update(network, { subnets: network.subnets.filter((id) => id !== subnet.id) });
}

/** The fields that are not undefined. */
export function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
