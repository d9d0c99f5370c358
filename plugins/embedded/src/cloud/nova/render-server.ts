import { createHash } from 'node:crypto';
import type { Call } from '../http/service.js';
import { isoDatabase, isoSeconds } from '../time.js';
import type { Server } from './model.js';
import { type Nova, ZONE } from './nova.js';
import { PROGRESS_STATES, statusOf } from './status.js';

const hostIds = new Map<string, string>();

/** Nova's hash that tells a project's servers of one host apart from those of another, without naming the host. */
function hostId(server: Server): string {
  if (server.host === null) return '';
  const key = server.projectId + server.host;
  const known = hostIds.get(key);
  if (known !== undefined) return known;
  const id = createHash('sha224').update(key).digest('hex');
  if (hostIds.size > 100_000) hostIds.clear();
  hostIds.set(key, id);
  return id;
}

export function links(nova: Nova, kind: string, id: string): unknown[] {
  return [
    { rel: 'self', href: `${nova.service.url}/v2.1/${kind}/${id}` },
    { rel: 'bookmark', href: `${nova.service.url}/${kind}/${id}` },
  ];
}

/** `host_status`, as the policy lets the caller see it. */
function hostStatus(nova: Nova, server: Server): string {
  const host = server.host === null ? undefined : nova.hosts.get(server.host);
  if (host === undefined) return '';
  if (host.forcedDown) return 'DOWN';
  if (host.disabled) return 'MAINTENANCE';
  return host.isUp() ? 'UP' : 'UNKNOWN';
}

/** A server in short, as lists without detail give it. */
export const renderShort = (nova: Nova, server: Server): Record<string, unknown> => ({
  id: server.id,
  name: server.name,
  links: links(nova, 'servers', server.id),
});

const time = (ms: number | null): string | null => (ms === null ? null : isoDatabase(ms));

/** A server with all that the microversion and the caller's rights show. `single`: not from a list. */
export function renderServer(
  nova: Nova,
  call: Call,
  server: Server,
  single: boolean,
): Record<string, unknown> {
  const { version } = call;
  const status = statusOf(server);
  const view: Record<string, unknown> = {
    id: server.id,
    name: server.name,
    status,
    tenant_id: server.projectId,
    user_id: server.userId,
    metadata: server.metadata,
    hostId: hostId(server),
    image: {
      id: server.imageId,
      links: [{ rel: 'bookmark', href: `${nova.service.url}/images/${server.imageId}` }],
    },
    flavor: renderFlavor(nova, server, version),
    created: isoSeconds(server.createdAt),
    updated: isoSeconds(server.updatedAt),
    addresses: addresses(nova, server),
    accessIPv4: '',
    accessIPv6: '',
    links: links(nova, 'servers', server.id),
    'OS-DCF:diskConfig': 'MANUAL',
    config_drive: '',
    key_name: server.keyName,
    'OS-EXT-AZ:availability_zone': server.host === null ? '' : (server.zone ?? ZONE),
    'OS-SRV-USG:launched_at': time(server.launchedAt),
    'OS-SRV-USG:terminated_at': time(server.terminatedAt),
    'OS-EXT-STS:task_state': server.taskState,
    'OS-EXT-STS:vm_state': server.vmState,
    'OS-EXT-STS:power_state': server.powerState,
    'os-extended-volumes:volumes_attached': [],
  };
  if (PROGRESS_STATES.has(status)) view['progress'] = 0;
  if (server.ports.length > 0) view['security_groups'] = server.ports.map(() => ({ name: 'default' }));
  if (server.fault !== undefined && status === 'ERROR') view['fault'] = renderFault(call, server.fault);
  if (call.token.admin) addAttributes(view, server, version);
  else if (version >= 90) view['OS-EXT-SRV-ATTR:hostname'] = server.hostname;
  addByVersion(nova, call, server, view, single);
  return view;
}

function addByVersion(
  nova: Nova,
  call: Call,
  server: Server,
  view: Record<string, unknown>,
  single: boolean,
): void {
  const { version, token } = call;
  if (version >= 9) view['locked'] = server.locked;
  if (version >= 16 && (token.admin || nova.options.ownersSeeHostStatus))
    view['host_status'] = hostStatus(nova, server);
  if (version >= 19) view['description'] = server.description;
  if (version >= 26) view['tags'] = server.tags;
  if (version >= 63) view['trusted_image_certificates'] = null;
  if (version >= 71 && single) view['server_groups'] = server.group === undefined ? [] : [server.group.id];
  if (version >= 73) view['locked_reason'] = server.lockedReason;
}

function addAttributes(view: Record<string, unknown>, server: Server, version: number): void {
  const attribute = (name: string, value: unknown): void => {
    view[`OS-EXT-SRV-ATTR:${name}`] = value;
  };
  attribute('host', server.host);
  attribute('hypervisor_hostname', server.host);
  attribute('instance_name', `instance-${server.number.toString(16).padStart(8, '0')}`);
  if (version < 3) return;
  attribute('reservation_id', server.reservationId);
  attribute('launch_index', 0);
  attribute('hostname', server.hostname);
  attribute('kernel_id', '');
  attribute('ramdisk_id', '');
  attribute('root_device_name', server.launchedAt === null ? null : '/dev/sda');
  attribute('user_data', server.userData);
}

function renderFault(call: Call, fault: NonNullable<Server['fault']>): unknown {
  const { code, message, details, createdAt } = fault;
  return { code, created: isoSeconds(createdAt), message, ...(call.token.admin && { details }) };
}

function renderFlavor(nova: Nova, server: Server, version: number): unknown {
  const { flavor } = server;
  if (version < 47) {
    return { id: flavor.id, links: [{ rel: 'bookmark', href: `${nova.service.url}/flavors/${flavor.id}` }] };
  }
  return {
    vcpus: flavor.vcpus,
    ram: flavor.memoryMb,
    disk: flavor.diskGb,
    ephemeral: flavor.ephemeralGb,
    swap: flavor.swapMb,
    original_name: flavor.name,
    extra_specs: flavor.extraSpecs,
  };
}

function addresses(nova: Nova, server: Server): Record<string, unknown[]> {
  const found: Record<string, unknown[]> = {};
  for (const port of server.ports) {
    const name = nova.neutron.networks.get(port.network_id)?.name ?? port.network_id;
    const list = (found[name] ??= []);
    const add = (addr: string, type: string): number =>
      list.push({ version: 4, addr, 'OS-EXT-IPS:type': type, 'OS-EXT-IPS-MAC:mac_addr': port.mac_address });
    for (const { ip_address } of port.fixed_ips) add(ip_address, 'fixed');
    for (const floating of nova.neutron.floatingIps.by('port_id', port.id))
      add(floating.floating_ip_address, 'floating');
  }
  return found;
}
