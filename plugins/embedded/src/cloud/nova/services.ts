import { invalidField, isObject, type Json, optionalText, readBoolean, textField } from '../http/body.js';
import { badRequest, notFound } from '../http/errors.js';
import type { Answer, Call } from '../http/service.js';
import { isUuid, newUuid } from '../ids.js';
import { isoDatabase, isoMicro } from '../time.js';
import type { ComputeHost } from './compute-host.js';
import { CONTROLLER, type Nova, requireAdmin, ZONE } from './nova.js';

/** Services of the controller: always up. */
const INTERNAL = [
  { binary: 'nova-conductor', number: 1, uuid: newUuid() },
  { binary: 'nova-scheduler', number: 3, uuid: newUuid() },
];

export function addServiceRoutes(nova: Nova): void {
  const { service } = nova;
  service.route('GET', '/v2.1/os-services', 'services.list', (call) => {
    requireAdmin(call, 'os_compute_api:os-services:list');
    const [host, binary] = ['host', 'binary'].map((key) => [call.query[key]].flat()[0]);
    const services = [
      ...internalServices(nova, call),
      ...[...nova.hosts.values()].map((one) => render(call, one, false)),
    ];
    const shown = services.filter(
      (one) => (!host || one['host'] === host) && (!binary || one['binary'] === binary),
    );
    return { body: { services: shown } };
  });
  // Until 2.52 the last part of the path is an action, from 2.53 on the service's UUID.
  service.route('PUT', '/v2.1/os-services/:id', 'services.update', (call) => {
    requireAdmin(call, 'os_compute_api:os-services:update');
    return call.version >= 53 ? updateByUuid(nova, call) : updateByName(nova, call);
  });
}

function internalServices(nova: Nova, call: Call): Json[] {
  const now = nova.clock.now();
  const updated = now - ((now - nova.startedAt) % 10_000);
  return INTERNAL.map(({ binary, number, uuid }) => ({
    binary,
    disabled_reason: null,
    ...(call.version >= 11 && { forced_down: false }),
    host: CONTROLLER,
    id: call.version >= 53 ? uuid : number,
    state: 'up',
    status: 'enabled',
    updated_at: isoDatabase(updated),
    zone: 'internal',
  }));
}

function render(call: Call, host: ComputeHost, changed: boolean): Json {
  return {
    binary: 'nova-compute',
    disabled_reason: host.disabledReason,
    ...(call.version >= 11 && { forced_down: host.forcedDown }),
    host: host.hostname,
    id: call.version >= 53 ? host.serviceUuid : host.serviceNumber,
    state: host.isUp() ? 'up' : 'down',
    status: host.disabled ? 'disabled' : 'enabled',
    updated_at: changed ? isoMicro(host.changedAt) : isoDatabase(Math.max(host.lastSeen(), host.changedAt)),
    zone: ZONE,
  };
}

function rejectUnknown(body: Json, known: readonly string[]): void {
  const unknown = Object.keys(body)
    .filter((key) => !known.includes(key))
    .toSorted();
  if (unknown.length === 0) return;
  const names = unknown.map((key) => `'${key}'`).join(', ');
  throw badRequest(
    `Additional properties are not allowed (${names} ${unknown.length > 1 ? 'were' : 'was'} unexpected)`,
  );
}

function bodyOf(call: Call): Json {
  if (isObject(call.body)) return call.body;
  throw badRequest('Malformed request body: an object is required.');
}

function updateByUuid(nova: Nova, call: Call): Answer {
  const id = call.params['id'] ?? '';
  const body = bodyOf(call);
  rejectUnknown(body, ['status', 'disabled_reason', 'forced_down']);
  if (!isUuid(id)) throw badRequest(`Invalid uuid ${id}`);
  const internal = INTERNAL.find((one) => one.uuid === id);
  if (internal !== undefined) throw notCompute(internal.binary);
  const host = [...nova.hosts.values()].find((one) => one.serviceUuid === id);
  if (host === undefined) throw notFound(`Service ${id} could not be found.`);
  const { status } = body;
  const reason = optionalText(body, 'disabled_reason');
  const down = body['forced_down'] === undefined ? undefined : readBoolean(body['forced_down']);
  if (body['forced_down'] !== undefined && down === undefined) {
    throw invalidField('forced_down', body['forced_down'], "is not of type 'boolean'");
  }
  if (status !== undefined && status !== 'enabled' && status !== 'disabled') {
    throw invalidField('status', status, "is not one of ['enabled', 'disabled']");
  }
  if (status === undefined && reason !== undefined)
    throw badRequest("Specifying disabled_reason requires that status is 'disabled'.");
  if (status === 'enabled' && reason !== undefined) {
    throw badRequest("Specifying disabled_reason requires that status is 'disabled'.");
  }
  if (status === undefined && down === undefined)
    throw badRequest("No updates were requested. Fields 'status' or 'forced_down' should be specified.");
  if (down !== undefined) setForcedDown(nova, call, host, down);
  if (status !== undefined) setDisabled(nova, call, host, status === 'disabled', reason ?? null);
  return { body: { service: render(call, host, true) } };
}

function updateByName(nova: Nova, call: Call): Answer {
  const action = call.params['id'] ?? '';
  if (!['enable', 'disable', 'disable-log-reason', 'force-down'].includes(action))
    throw notFound('Unknown action');
  if (action === 'force-down' && call.version < 11) throw notFound('Unknown action');
  const body = bodyOf(call);
  rejectUnknown(body, ['host', 'binary', 'disabled_reason', 'forced_down']);
  const host = textField(body, 'host');
  const binary = textField(body, 'binary');
  const answer: Json = { host, binary };
  if (binary !== 'nova-compute') throw notCompute(binary);
  const found = nova.hosts.get(host);
  if (found === undefined) throw notFound(`Could not find binary ${binary} on host ${host}.`);
  if (action === 'force-down') {
    if (!('forced_down' in body)) throw badRequest('Missing forced_down field');
    const down = readBoolean(body['forced_down']);
    if (down === undefined)
      throw invalidField('forced_down', body['forced_down'], "is not of type 'boolean'");
    setForcedDown(nova, call, found, down);
    return { body: { service: { ...answer, forced_down: down } } };
  }
  if (action === 'enable') {
    setDisabled(nova, call, found, false, null);
    return { body: { service: { ...answer, status: 'enabled' } } };
  }
  const reason = action === 'disable-log-reason' ? optionalText(body, 'disabled_reason') : undefined;
  if (action === 'disable-log-reason' && reason === undefined)
    throw badRequest('Missing disabled reason field');
  setDisabled(nova, call, found, true, reason ?? null);
  return {
    body: {
      service: { ...answer, status: 'disabled', ...(reason !== undefined && { disabled_reason: reason }) },
    },
  };
}

const notCompute = (binary: string): Error =>
  badRequest(`Updating a ${binary} service is not supported. Only nova-compute services can be updated.`);

function setForcedDown(nova: Nova, call: Call, host: ComputeHost, down: boolean): void {
  if (!down) requireNoEvacuations(nova, host);
  host.forcedDown = down;
  host.changedAt = nova.clock.now();
  nova.notifier.service(call, host);
}

function setDisabled(
  nova: Nova,
  call: Call,
  host: ComputeHost,
  disabled: boolean,
  reason: string | null,
): void {
  host.disabled = disabled;
  host.disabledReason = disabled ? reason : null;
  host.changedAt = nova.clock.now();
  nova.notifier.service(call, host);
}

/** A host must have come back, and cleaned up what was evacuated from it, before it can be forced up. */
function requireNoEvacuations(nova: Nova, host: ComputeHost): void {
  for (const migration of nova.migrations) {
    if (migration.type !== 'evacuation' || migration.status !== 'done' || migration.source !== host.hostname)
      continue;
    throw badRequest(
      `Unable to force up host ${host.hostname} as \`done\` evacuation migration records remain associated with the host. Ensure the compute service has been restarted, allowing these records to move to \`completed\` before retrying this request.`,
    );
  }
}
