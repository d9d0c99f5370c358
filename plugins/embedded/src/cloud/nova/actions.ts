import { invalidField, isObject, type Json, optionalText, readBoolean } from '../http/body.js';
import { badRequest } from '../http/errors.js';
import type { Answer, Call } from '../http/service.js';
import { randomText } from '../ids.js';
import { deleteServer } from './boot.js';
import { computeUnavailable, conflict, notFound, wrongState } from './errors.js';
import { awaitsConfirmation, coldMigrate, confirm, evacuate, liveMigrate, revert } from './migrations.js';
import type { Server, VmState } from './model.js';
import { findServer, type Nova, recordAction, requireAdmin } from './nova.js';
import { power } from './power.js';
import { requireUnlocked } from './servers.js';
import { changeState } from './transitions.js';

type Action = (nova: Nova, call: Call, server: Server, given: Json) => Answer;

const ACCEPTED: Answer = { status: 202 };

/** `POST /servers/{id}/action`: the body's only key names the action. */
export function addActionRoutes(nova: Nova): void {
  nova.service.route('POST', '/v2.1/servers/:id/action', 'servers.action', (call) => {
    const body = isObject(call.body) ? call.body : {};
    const [name = '', ...others] = Object.keys(body);
    const action = others.length === 0 ? ACTIONS[name] : undefined;
    if (action === undefined) throw badRequest(`There is no such action: ${name || 'the body names none'}.`);
    const server = findServer(nova, call);
    return action(nova, call, server, isObject(body[name]) ? body[name] : {});
  });
}

const ACTIONS: Record<string, Action> = {
  'os-resetState': resetState,
  migrate,
  resize,
  confirmResize,
  revertResize,
  'os-migrateLive': migrateLive,
  evacuate: evacuateServer,
  'os-start': power('start'),
  'os-stop': power('stop'),
  reboot: power('reboot'),
  pause: power('pause'),
  unpause: power('unpause'),
  lock: (_nova, call, server, given) => {
    server.locked = true;
    server.lockedReason = call.version >= 73 ? (optionalText(given, 'locked_reason') ?? null) : null;
    return ACCEPTED;
  },
  unlock: (_nova, _call, server) => {
    server.locked = false;
    server.lockedReason = null;
    return ACCEPTED;
  },
  forceDelete: (nova, call, server) => {
    recordAction(nova, server, 'forceDelete', call);
    deleteServer(nova, server, call);
    return ACCEPTED;
  },
};

/** Checks that the server is in one of the states and no task is under way; 409 otherwise. */
function requireState(action: string, server: Server, states: readonly VmState[]): void {
  if (!states.includes(server.vmState)) throw wrongState(action, server, 'vm_state');
  if (server.taskState !== null) throw wrongState(action, server, 'task_state');
}

/** Checks that the server is on a host, and (option) that its nova-compute is up. */
function requireHost(nova: Nova, server: Server, up: boolean): void {
  const host = nova.hosts.get(server.host ?? '');
  if (host === undefined) throw conflict(`Instance ${server.id} is not ready`);
  if (up && !host.isUp()) throw conflict(computeUnavailable(host.hostname));
}

function resetState(nova: Nova, call: Call, server: Server, given: Json): Answer {
  requireAdmin(call, 'os_compute_api:os-admin-actions:reset_state');
  const { state } = given;
  if (state !== 'active' && state !== 'error')
    throw invalidField('state', state, "is not one of ['active', 'error']");
  const action = recordAction(nova, server, 'resetState', call);
  changeState(nova, server, { vmState: state, taskState: null }, call);
  action.updatedAt = nova.clock.now();
  return ACCEPTED;
}

function migrate(nova: Nova, call: Call, server: Server, given: Json): Answer {
  requireAdmin(call, 'os_compute_api:os-migrate-server:migrate');
  const target = call.version >= 56 ? optionalText(given, 'host') : undefined;
  requireState('migrate', server, ['active', 'stopped']);
  requireHost(nova, server, true);
  if (target !== undefined && !nova.hosts.has(target))
    throw badRequest(`Compute host ${target} could not be found.`);
  if (target !== undefined && target === server.host) {
    throw badRequest('Cannot migrate to the host where the server exists.');
  }
  coldMigrate(nova, server, { target }, call, recordAction(nova, server, 'migrate', call));
  return ACCEPTED;
}

function resize(nova: Nova, call: Call, server: Server, given: Json): Answer {
  requireUnlocked(call, server);
  requireState('resize', server, ['active', 'stopped']);
  requireHost(nova, server, true);
  const id = optionalText(given, 'flavorRef')?.split('/').at(-1) ?? '';
  const flavor = nova.flavors.get(id);
  if (flavor === undefined) throw badRequest(`Flavor ${id} could not be found.`);
  if (flavor.id === server.flavor.id) throw badRequest('When resizing, instances must change flavor!');
  coldMigrate(nova, server, { flavor }, call, recordAction(nova, server, 'resize', call));
  return ACCEPTED;
}

function confirmResize(nova: Nova, call: Call, server: Server): Answer {
  requireUnlocked(call, server);
  requireState('confirmResize', server, ['resized']);
  if (!awaitsConfirmation(server)) throw badRequest('Instance has not been resized.');
  confirm(nova, server, call, recordAction(nova, server, 'confirmResize', call));
  return { status: 204 };
}

function revertResize(nova: Nova, call: Call, server: Server): Answer {
  requireUnlocked(call, server);
  requireState('revertResize', server, ['resized']);
  if (!awaitsConfirmation(server)) throw badRequest('Instance has not been resized.');
  revert(nova, server, call, recordAction(nova, server, 'revertResize', call));
  return ACCEPTED;
}

function migrateLive(nova: Nova, call: Call, server: Server, given: Json): Answer {
  requireAdmin(call, 'os_compute_api:os-migrate-server:migrate_live');
  if (!('host' in given)) throw badRequest("'host' is a required property");
  if (!('block_migration' in given)) throw badRequest("'block_migration' is a required property");
  const block = given['block_migration'];
  if (block === 'auto' && call.version < 25) throw invalidField('block_migration', block, 'is not a boolean');
  if (block !== 'auto' && readBoolean(block) === undefined)
    throw invalidField('block_migration', block, 'is not a boolean');
  const target = optionalText(given, 'host');
  requireState('os-migrateLive', server, ['active', 'paused']);
  requireHost(nova, server, false);
  if (target !== undefined && !nova.hosts.has(target))
    throw badRequest(`Compute host ${target} could not be found.`);
  if (target !== undefined && target === server.host) {
    throw badRequest(`Unable to migrate instance (${server.id}) to current host (${target}).`);
  }
  liveMigrate(nova, server, target, call, recordAction(nova, server, 'live-migration', call));
  return ACCEPTED;
}

function evacuateServer(nova: Nova, call: Call, server: Server, given: Json): Answer {
  requireAdmin(call, 'os_compute_api:os-evacuate');
  const target = optionalText(given, 'host');
  if (target !== undefined && !nova.hosts.has(target)) throw notFound(`Compute host ${target} not found.`);
  if (target !== undefined && target === server.host)
    throw badRequest("The target host can't be the same one.");
  requireState('evacuate', server, ['active', 'stopped', 'error']);
  const host = nova.hosts.get(server.host ?? '');
  if (host === undefined) throw conflict(`Instance ${server.id} is not ready`);
  if (host.isUp()) throw badRequest(`Compute service of ${host.hostname} is still in use.`);
  evacuate(nova, server, target, call, recordAction(nova, server, 'evacuate', call));
  return call.version >= 14
    ? {}
    : { body: { adminPass: optionalText(given, 'adminPass') ?? randomText(12) } };
}
