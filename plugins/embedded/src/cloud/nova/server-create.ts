import { integerField, isObject, type Json, objectField, optionalText, textField } from '../http/body.js';
import { badRequest, forbidden } from '../http/errors.js';
import type { Answer, Call } from '../http/service.js';
import { isUuid, newUuid, randomText } from '../ids.js';
import { visible } from '../neutron/neutron.js';
import { portForServer } from '../neutron/ports.js';
import { boot, type Connection } from './boot.js';
import { policyDenies } from './errors.js';
import type { Flavor, Server, ServerGroup } from './model.js';
import { type ImageRef, type Nova, recordAction, ZONE } from './nova.js';
import { enforceQuota, quotaOf } from './quotas.js';
import { links } from './render-server.js';
import { readMetadata } from './metadata.js';
import { changeState } from './transitions.js';

export function addServerCreate(nova: Nova): void {
  nova.service.route('POST', '/v2.1/servers', 'servers.create', (call) => create(nova, call));
}

function create(nova: Nova, call: Call): Answer {
  const given = objectField(call.body, 'server');
  const hints = readHints(call.body);
  const name = textField(given, 'name');
  if (name.trim() === '' || name.length > 255) {
    throw badRequest(
      `Invalid input for field/attribute name. Value: ${name}. '${name}' is not a valid name.`,
    );
  }
  const flavor = findFlavor(nova, textField(given, 'flavorRef'));
  const image = findImage(nova, call, textField(given, 'imageRef'), flavor);
  const target = readTarget(nova, call, given);
  const group = findGroup(nova, call, hints['group']);
  const [min, max] = readCounts(given);
  const connections = readConnections(nova, call, given, max);
  const project = call.token.project;
  if (project === undefined) throw badRequest('A server needs a token with the scope of a project.');
  const count = fitQuota(nova, project.id, flavor, min, max);
  if (group !== undefined) fitGroup(nova, group, count);

  const shared = { given, flavor, image, target, group, connections, reservation: `r-${randomText(8)}` };
  const servers = Array.from({ length: count }, (_, index) =>
    createOne(nova, call, { ...shared, name: count > 1 ? `${name}-${index + 1}` : name }),
  );
  const [first] = servers as [Server];
  if (given['return_reservation_id'] === true)
    return { status: 202, body: { reservation_id: first.reservationId } };
  const view = {
    id: first.id,
    links: links(nova, 'servers', first.id),
    'OS-DCF:diskConfig': 'MANUAL',
    security_groups: [{ name: 'default' }],
    adminPass: randomText(12),
  };
  return {
    status: 202,
    body: { server: view },
    headers: { Location: `${nova.service.url}/v2.1/servers/${first.id}` },
  };
}

interface NewServer {
  name: string;
  given: Json;
  flavor: Flavor;
  image: ImageRef;
  target: string | undefined;
  group: ServerGroup | undefined;
  connections: Connection[];
  reservation: string;
}

function createOne(nova: Nova, call: Call, wanted: NewServer): Server {
  const now = nova.clock.now();
  const { given } = wanted;
  const server: Server = {
    id: newUuid(),
    number: nova.servers.nextNumber(),
    name: wanted.name,
    hostname: (call.version >= 90 ? optionalText(given, 'hostname') : undefined) ?? hostname(wanted.name),
    description: call.version >= 19 ? (optionalText(given, 'description') ?? null) : wanted.name,
    projectId: call.token.project?.id ?? '',
    userId: call.token.user.id,
    flavor: wanted.flavor,
    oldFlavor: undefined,
    imageId: wanted.image.id,
    reservationId: wanted.reservation,
    keyName: optionalText(given, 'key_name') ?? null,
    userData: optionalText(given, 'user_data') ?? null,
    metadata: { ...readMetadata(given['metadata']) },
    tags: Array.isArray(given['tags']) ? given['tags'].map(String) : [],
    host: null,
    zone: ZONE,
    vmState: 'building',
    taskState: null,
    powerState: 0,
    locked: false,
    lockedReason: null,
    createdAt: now,
    updatedAt: now,
    launchedAt: null,
    terminatedAt: null,
    fault: undefined,
    group: wanted.group,
    ports: [],
    givenPorts: new Set(),
    migration: undefined,
    actions: [],
  };
  nova.servers.add(server);
  nova.count(server, 1);
  wanted.group?.members.add(server);
  const action = recordAction(nova, server, 'create', call);
  changeState(nova, server, { taskState: 'scheduling' }, call);
  boot(nova, server, wanted.connections, wanted.target, call, action);
  return server;
}

/** A name as host name: what DNS does not allow becomes a dash. */
const hostname = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-')
    .replaceAll(/[^a-z0-9.-]/g, '')
    .slice(0, 63)
    .replaceAll(/^[.-]+|[.-]+$/g, '') || 'server';

function readHints(body: unknown): Json {
  if (!isObject(body)) return {};
  const hints = body['os:scheduler_hints'] ?? body['OS-SCH-HNT:scheduler_hints'];
  return isObject(hints) ? hints : {};
}

function findFlavor(nova: Nova, ref: string): Flavor {
  const id = ref.split('/').at(-1) ?? '';
  const flavor = nova.flavors.get(id);
  if (flavor !== undefined) return flavor;
  throw badRequest(`Flavor ${id} could not be found.`);
}

function findImage(nova: Nova, call: Call, ref: string, flavor: Flavor): ImageRef {
  const id = ref.split('/').at(-1) ?? '';
  if (!isUuid(id)) throw badRequest('Invalid imageRef provided.');
  const image = nova.findImage(id, call);
  if (image === undefined) throw badRequest(`Image ${id} could not be found.`);
  if (image.status !== 'active') throw badRequest(`Image ${id} is not active.`);
  if (image.minRamMb > flavor.memoryMb) throw badRequest("Flavor's memory is too small for requested image.");
  if (image.minDiskGb > flavor.diskGb) {
    throw badRequest(
      `Flavor's disk is too small for requested image. Flavor disk is ${flavor.diskGb * 1024 ** 3} bytes, image is ${image.minDiskGb * 1024 ** 3} bytes.`,
    );
  }
  return image;
}

/** The host that the server must be on: `nova:<host>`, or from 2.74 `host`. Admins only. */
function readTarget(nova: Nova, call: Call, given: Json): string | undefined {
  const requested = call.version >= 74 ? optionalText(given, 'host') : undefined;
  if (requested !== undefined) {
    if (!call.token.admin) throw policyDenies('compute:servers:create:requested_destination');
    if (nova.hosts.has(requested)) return requested;
    throw badRequest(`Compute host ${requested} could not be found.`);
  }
  const zone = optionalText(given, 'availability_zone');
  if (zone === undefined) return undefined;
  const [name, host, node, rest] = zone.split(':');
  if (rest !== undefined) throw badRequest('Unable to parse availability_zone.');
  if (name !== ZONE && name !== '') throw badRequest('The requested availability zone is not available');
  const target = host || node;
  if (!target) return undefined;
  if (!call.token.admin) throw policyDenies('os_compute_api:servers:create:forced_host');
  return target;
}

function findGroup(nova: Nova, call: Call, hint: unknown): ServerGroup | undefined {
  const id = Array.isArray(hint) ? hint[0] : hint;
  if (id === undefined || id === null) return undefined;
  const group = nova.groups.get(String(id));
  if (group !== undefined && (call.token.admin || group.projectId === call.token.project?.id)) return group;
  throw badRequest(`Instance group ${String(id)} could not be found.`);
}

function readCounts(given: Json): [min: number, max: number] {
  const min = integerField(given, 'min_count', 1);
  const max = integerField(given, 'max_count', min);
  if (min < 1 || max < 1) throw badRequest('min_count and max_count must be 1 or more.');
  if (min > max) throw badRequest('min_count must be <= max_count');
  return [min, max];
}

/** As many as the quota lets, between min and max; 403 when fewer than min. */
function fitQuota(nova: Nova, projectId: string, flavor: Flavor, min: number, max: number): number {
  for (let count = max; count > min; count -= 1) {
    try {
      enforceQuota(nova, projectId, flavor, count);
      return count;
    } catch {
      // One less may fit.
    }
  }
  enforceQuota(nova, projectId, flavor, min);
  return min;
}

/** 403 when the group would have more members than the quota of its owner allows. */
function fitGroup(nova: Nova, group: ServerGroup, count: number): void {
  const limit = quotaOf(nova, group.projectId)['server_group_members'] ?? -1;
  if (limit >= 0 && group.members.size + count > limit)
    throw forbidden('Quota exceeded, too many servers in group');
}

function readConnections(nova: Nova, call: Call, given: Json, count: number): Connection[] {
  const wanted = given['networks'];
  if (wanted === 'none') return [];
  if (wanted === undefined || wanted === 'auto') {
    if (wanted === undefined && call.version >= 37) throw badRequest("'networks' is a required property");
    return onlyNetwork(nova, call);
  }
  if (!Array.isArray(wanted))
    throw badRequest("Invalid input for field/attribute networks: it is not of type 'array'");
  return wanted.map((item: unknown) => {
    const entry = isObject(item) ? item : {};
    const portId = optionalText(entry, 'port');
    if (portId !== undefined) {
      if (count > 1) throw badRequest('Port cannot be used when multiple servers are requested.');
      const port = portForServer(nova.neutron, portId);
      if (!call.token.admin && port.project_id !== call.token.project?.id) {
        throw badRequest(`Port id ${portId} could not be found.`);
      }
      return { port };
    }
    const id = optionalText(entry, 'uuid') ?? '';
    const network = nova.neutron.networks.get(id);
    if (network === undefined || !visible(call, network))
      throw badRequest(`Network ${id} could not be found.`);
    if (network.subnets.length === 0)
      throw badRequest(`Network ${id} requires a subnet in order to boot instances on.`);
    const address = optionalText(entry, 'fixed_ip');
    return address === undefined ? { network } : { network, address };
  });
}

/** Without a choice, Nova takes the project's only network. */
function onlyNetwork(nova: Nova, call: Call): Connection[] {
  const own = [...nova.neutron.networks.by('project_id', call.token.project?.id)].filter(
    (network) => !network['router:external'] && network.subnets.length > 0,
  );
  if (own.length > 1) {
    throw badRequest('Multiple possible networks found, use a Network ID to be more specific.');
  }
  return own.map((network) => ({ network }));
}
