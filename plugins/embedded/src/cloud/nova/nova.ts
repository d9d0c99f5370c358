import type { CloudClock } from '../clock.js';
import { type Call, Service, type ServiceContext } from '../http/service.js';
import type { Neutron } from '../neutron/neutron.js';
import type { Cause, NotificationHub } from '../notifications/notifications.js';
import type { ComputeHost } from './compute-host.js';
import { instanceNotFound, policyDenies, renderNovaError } from './errors.js';
import { InstanceNotifier } from './instance-notifications.js';
import type { Flavor, InstanceAction, Migration, Server, ServerGroup } from './model.js';
import { Sequence } from './sequence.js';
import { ServerStore } from './server-store.js';
import { Timers } from './timers.js';
import { novaHeaders, readMicroversion } from './versions.js';

/** Name of the machine that the API services run on, in the services' list and as publisher. */
export const CONTROLLER = 'controller';
/** The one availability zone. */
export const ZONE = 'nova';

/** How long things take, in ms, and who may see what. */
export interface NovaOptions {
  bootMs: number;
  deleteMs: number;
  migrationMs: number;
  confirmMs: number;
  liveMigrationMs: number;
  /** Whether owners see `host_status` (policy `os_compute_api:servers:show:host_status`). */
  ownersSeeHostStatus: boolean;
  /** Quota of a project that has none of its own; -1 is unlimited. */
  quota: Record<string, number>;
}

/** An image, as much as Nova needs of it. */
export interface ImageRef {
  id: string;
  name: string;
  status: string;
  minDiskGb: number;
  minRamMb: number;
}

/** Nova's state and what its routes share. */
export class Nova {
  readonly service: Service;
  readonly clock: CloudClock;
  readonly options: NovaOptions;
  readonly notifier: InstanceNotifier;
  readonly timers: Timers;
  readonly neutron: Neutron;
  readonly servers = new ServerStore();
  readonly hosts: ReadonlyMap<string, ComputeHost>;
  readonly flavors = new Map<string, Flavor>();
  readonly groups = new Map<string, ServerGroup>();
  readonly migrations = new Sequence<Migration>();
  readonly quotas = new Map<string, Record<string, number>>();
  /** Vcpus and memory that the instances of a project use. */
  readonly usage = new Map<string, { instances: number; cores: number; ram: number }>();
  readonly findImage: (id: string, call: Call) => ImageRef | undefined;
  readonly startedAt: number;
  #migrationNumber = 0;
  #flavorNumber = 0;

  constructor(
    context: ServiceContext,
    hub: NotificationHub,
    parts: {
      neutron: Neutron;
      hosts: readonly ComputeHost[];
      options: NovaOptions;
      findImage: Nova['findImage'];
      imageUrl: () => string;
    },
  ) {
    this.clock = context.clock;
    this.options = parts.options;
    this.neutron = parts.neutron;
    this.findImage = parts.findImage;
    this.startedAt = this.clock.now();
    this.hosts = new Map(parts.hosts.map((host) => [host.hostname, host]));
    this.timers = new Timers(this.clock);
    this.notifier = new InstanceNotifier(hub, () => this.clock.now(), parts.imageUrl, CONTROLLER);
    this.service = new Service(
      { name: 'nova', renderError: renderNovaError, readVersion: readMicroversion, headers: novaHeaders },
      context,
    );
  }

  nextMigrationNumber(): number {
    this.#migrationNumber += 1;
    return this.#migrationNumber;
  }

  nextFlavorNumber(): number {
    this.#flavorNumber += 1;
    return this.#flavorNumber;
  }

  /** What the project uses; changed by {@link count}. */
  used(projectId: string): { instances: number; cores: number; ram: number } {
    const found = this.usage.get(projectId) ?? { instances: 0, cores: 0, ram: 0 };
    this.usage.set(projectId, found);
    return found;
  }

  /** Counts a server in (1) or out (-1) of its project's quota. */
  count(server: Server, sign: 1 | -1): void {
    const used = this.used(server.projectId);
    used.instances += sign;
    used.cores += sign * server.flavor.vcpus;
    used.ram += sign * server.flavor.memoryMb;
  }
}

/** The server that a caller names, or 404 when it is not there for this caller. */
export function findServer(nova: Nova, call: Call): Server {
  const id = call.params['id'] ?? '';
  const server = nova.servers.get(id);
  if (server === undefined) throw instanceNotFound(id);
  if (call.token.admin || call.token.project?.id === server.projectId) return server;
  throw instanceNotFound(id);
}

/** 403 unless the caller is an admin. */
export function requireAdmin(call: Call, rule: string): void {
  if (!call.token.admin) throw policyDenies(rule);
}

/** Writes an action into the server's history. */
export function recordAction(nova: Nova, server: Server, action: string, cause: Cause): InstanceAction {
  const record: InstanceAction = {
    action,
    requestId: cause.requestId,
    userId: cause.token?.user.id ?? server.userId,
    projectId: cause.token?.project?.id ?? server.projectId,
    startedAt: nova.clock.now(),
    updatedAt: null,
    message: null,
    events: [],
  };
  server.actions.push(record);
  if (server.actions.length > MAX_ACTIONS) server.actions.shift();
  return record;
}

/** A server that is reset for days must not fill the memory. */
const MAX_ACTIONS = 500;
