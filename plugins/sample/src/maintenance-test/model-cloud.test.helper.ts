import {
  type Alarm,
  type Clock,
  type ComputeController,
  type Controller,
  DoctorError,
  type FloatingIp,
  type Host,
  type Instance,
  type NetworkController,
  type Notification,
  type ServerGroup,
} from '@nfv-doctor/core/plugin-api';
import type { StateChange } from '@nfv-doctor/core/testing';

type Change = StateChange extends infer C ? (C extends { at: number } ? Omit<C, 'at'> : never) : never;

export interface ModelOptions {
  clock: Clock;
  /** ms a cold migration takes until VERIFY_RESIZE, its confirmation, and a live migration. */
  migrationMs?: number;
  confirmMs?: number;
  liveMs?: number;
  bootMs?: number;
}

/** A cloud in memory with Nova's rules (capacity, disabled hosts, server groups), which writes down every change. */
export class ModelCloud implements Controller {
  readonly hostsByName = new Map<string, Host>();
  readonly instancesById = new Map<string, Instance & { groupId?: string }>();
  readonly groups = new Map<string, ServerGroup>();
  readonly floating = new Map<string, FloatingIp>();
  readonly alarms: Alarm[] = [];
  /** Everything that happened, for the checker. */
  readonly log: StateChange[] = [];
  /** Moves that Nova accepted: instance and target. */
  readonly accepted: { id: string; to: string; live: boolean }[] = [];
  /** Told of every notification; connect a message bus here. */
  publish: (notification: Notification) => void = () => {};
  /** Called before a call takes effect; throw to be a cloud that fails. */
  before: (call: string, resource: string) => void = () => {};
  /** New instances that fitted on no single host, although there may have been room in all. */
  unplaceable = 0;
  /** Quota of instances per project; absent: unlimited. */
  instanceQuota: number | undefined;
  #sequence = 0;

  readonly identity = {} as Controller['identity'];
  readonly image = {} as Controller['image'];

  constructor(readonly options: ModelOptions) {}

  note(change: Change): void {
    this.log.push({ at: this.options.clock.monotonic(), ...change } as StateChange);
  }
  addHost(hostname: string, vcpus: number): Host {
    const host: Host = {
      hostname,
      serviceId: hostname,
      state: 'up',
      status: 'enabled',
      forcedDown: false,
      vcpus,
      memoryMb: vcpus * 1024,
    };
    this.hostsByName.set(hostname, host);
    this.#noteHost(host);
    return host;
  }
  addInstance(id: string, hostname: string, more: Partial<Instance> & { groupId?: string } = {}): Instance {
    const instance: Instance & { groupId?: string } = {
      id,
      name: id,
      projectId: 'p',
      status: 'ACTIVE',
      taskState: null,
      hostname,
      vcpus: 1,
      memoryMb: 1024,
      flavor: `f${more.vcpus ?? 1}`,
      imageId: 'i',
      addresses: { net: [`addr-${id}`] },
      metadata: {},
      ...more,
    };
    this.instancesById.set(id, instance);
    if (instance.groupId) this.#join(instance.groupId, id);
    this.#noteInstance(instance);
    return instance;
  }
  addGroup(id: string, policy = 'anti-affinity'): void {
    this.groups.set(id, { id, name: id, policy, members: [] });
  }
  addFloatingIp(id: string, instanceId: string): void {
    this.floating.set(id, {
      id,
      address: id,
      portId: `port-${instanceId}`,
      fixedAddress: `addr-${instanceId}`,
    });
    this.note({ kind: 'floating_ip', id, instanceId });
  }
  /** A project listens to `maintenance.scheduled`. */
  subscribe(projectId: string): void {
    const alarm = {
      enabled: true,
      type: 'event',
      project_id: projectId,
      event_rule: { event_type: 'maintenance.scheduled', query: [] },
    };
    this.alarms.push(alarm as unknown as Alarm);
  }
  listAlarms = async (): Promise<Alarm[]> => this.alarms;

  /** The host dies: Nova and the inspector see it, its instances are in ERROR. */
  kill(hostname: string): void {
    const host = this.#host(hostname);
    host.state = 'down';
    host.forcedDown = true;
    this.#noteHost(host);
    for (const instance of this.instancesById.values())
      if (instance.hostname === hostname)
        this.#set(instance, { status: 'ERROR', taskState: null, fault: 'host down' });
  }

  #join(groupId: string, id: string): void {
    const group = this.groups.get(groupId);
    if (!group) return;
    group.members.push(id);
    const apart = group.policy === 'anti-affinity';
    this.note({ kind: 'group', id: groupId, members: [...group.members], apart, maxImpacted: 1 });
  }
  #noteHost({ hostname, state, status }: Host): void {
    this.note({ kind: 'host', hostname, up: state === 'up', enabled: status === 'enabled' });
  }
  #noteInstance({ id, projectId, status, hostname = null }: Instance): void {
    this.note({ kind: 'instance', id, projectId, status, hostname });
    this.publish({
      messageId: `n-${this.#sequence++}`,
      publisherId: 'compute',
      eventType: 'compute.instance.update',
      priority: 'INFO',
      payload: { instance_id: id, state: status.toLowerCase(), tenant_id: projectId },
      timestamp: new Date(this.options.clock.now()).toISOString(),
    });
  }
  #host(hostname: string): Host {
    const host = this.hostsByName.get(hostname);
    if (!host) throw new DoctorError('CLOUD_NOT_FOUND', `no host ${hostname}`);
    return host;
  }
  #instance(id: string): Instance & { groupId?: string } {
    const instance = this.instancesById.get(id);
    if (!instance) throw new DoctorError('CLOUD_NOT_FOUND', `Instance ${id} could not be found.`);
    return instance;
  }
  #set(instance: Instance, change: Partial<Instance>): void {
    Object.assign(instance, change);
    this.#noteInstance(instance);
  }
  /** Room that is claimed on a host, migrations in flight included. */
  readonly #inFlight = new Map<string, { to: string; vcpus: number; memoryMb: number }>();

  #room(hostname: string): { vcpus: number; memoryMb: number } {
    const { vcpus = 0, memoryMb = 0 } = this.#host(hostname);
    const here = [...this.instancesById.values()].filter((instance) => instance.hostname === hostname);
    const coming = [...this.#inFlight.values()].filter(({ to }) => to === hostname);
    const used = [...here, ...coming];
    return {
      vcpus: vcpus - used.reduce((sum, each) => sum + (each.vcpus ?? 0), 0),
      memoryMb: memoryMb - used.reduce((sum, each) => sum + (each.memoryMb ?? 0), 0),
    };
  }
  #accepts(hostname: string, instance: Instance & { groupId?: string }): boolean {
    const host = this.#host(hostname);
    const room = this.#room(hostname);
    if (host.state !== 'up' || host.status !== 'enabled') return false;
    if (room.vcpus < (instance.vcpus ?? 0) || room.memoryMb < (instance.memoryMb ?? 0)) return false;
    const group = instance.groupId === undefined ? undefined : this.groups.get(instance.groupId);
    if (group?.policy !== 'anti-affinity') return true;
    return !group.members.some(
      (id) =>
        id !== instance.id &&
        (this.instancesById.get(id)?.hostname === hostname || this.#inFlight.get(id)?.to === hostname),
    );
  }
  #schedule(instance: Instance & { groupId?: string }, except?: string): string {
    for (const hostname of this.hostsByName.keys())
      if (hostname !== except && this.#accepts(hostname, instance)) return hostname;
    throw new DoctorError('CLOUD_BAD_REQUEST', 'No valid host was found.');
  }

  #move(id: string, target: string | undefined, live: boolean): void {
    this.before(live ? 'liveMigrate' : 'migrate', id);
    const { clock, migrationMs = 3000, liveMs = 4000 } = this.options;
    const instance = this.#instance(id);
    if (instance.status !== 'ACTIVE' || instance.taskState)
      throw new DoctorError(
        'CLOUD_CONFLICT',
        `Cannot migrate instance ${id} while it is in ${instance.status}`,
      );
    const from = instance.hostname as string;
    const to = target ?? this.#schedule(instance, from);
    if (!this.#accepts(to, instance))
      throw new DoctorError('CLOUD_BAD_REQUEST', `No valid host was found for ${id}: not ${to}`);
    this.accepted.push({ id, to, live });
    this.#inFlight.set(id, { to, vcpus: instance.vcpus ?? 0, memoryMb: instance.memoryMb ?? 0 });
    this.#set(
      instance,
      live
        ? { status: 'ACTIVE', taskState: 'migrating' }
        : { status: 'RESIZE', taskState: 'resize_migrating' },
    );
    clock.setTimeout(
      () => {
        this.#inFlight.delete(id);
        if (!this.instancesById.has(id) || instance.status === 'ERROR') return;
        if (this.#host(to).state !== 'up')
          return this.#set(instance, { status: 'ERROR', taskState: null, fault: `${to} is down` });
        if (live) this.#set(instance, { hostname: to, taskState: null });
        else this.#set(instance, { status: 'VERIFY_RESIZE', taskState: null, hostname: to });
      },
      live ? liveMs : migrationMs,
    );
  }

  readonly compute: ComputeController = {
    hosts: async () => {
      this.before('hosts', '');
      return [...this.hostsByName.values()].map((host) => ({ ...host }));
    },
    setEnabled: async (hostname: string, enabled: boolean, reason?: string) => {
      this.before(enabled ? 'enable' : 'disable', hostname);
      const host = this.#host(hostname);
      host.status = enabled ? 'enabled' : 'disabled';
      if (reason) host.disabledReason = reason;
      this.#noteHost(host);
    },
    instances: async (filter: { hostname?: string; projectId?: string; name?: string } = {}) => {
      this.before('instances', filter.hostname ?? '');
      return [...this.instancesById.values()]
        .filter(
          ({ hostname, projectId, name }) =>
            (filter.hostname === undefined || hostname === filter.hostname) &&
            (filter.projectId === undefined || projectId === filter.projectId) &&
            (filter.name === undefined || name === filter.name),
        )
        .map((instance) => ({ ...instance }));
    },
    instance: async (id: string) => {
      this.before('instance', id);
      return { ...this.#instance(id) };
    },
    createInstance: async ({
      name,
      serverGroupId,
      metadata,
      flavorId,
    }: {
      name: string;
      serverGroupId?: string;
      metadata?: Record<string, string>;
      flavorId: string;
    }) => {
      const vcpus = Number(flavorId.slice(1));
      this.before('createInstance', name);
      const projectId = metadata?.['project'] ?? 'p';
      const mine = [...this.instancesById.values()].filter(
        (instance) => instance.projectId === projectId,
      ).length;
      if (this.instanceQuota !== undefined && mine >= this.instanceQuota)
        throw new DoctorError('CLOUD_FORBIDDEN', 'Quota exceeded for instances');
      const id = `${name}-${++this.#sequence}`;
      const draft: Instance & { groupId?: string } = {
        id,
        name,
        projectId,
        status: 'BUILD',
        hostname: null,
        taskState: null,
        vcpus,
        memoryMb: vcpus * 1024,
        flavor: flavorId,
        imageId: 'i',
        addresses: { net: [`addr-${id}`] },
        metadata: metadata ?? {},
        ...(serverGroupId ? { groupId: serverGroupId } : {}),
      };
      this.instancesById.set(id, draft);
      try {
        draft.hostname = this.#schedule(draft);
      } catch {
        this.unplaceable++;
        Object.assign(draft, { status: 'ERROR', fault: 'No valid host was found.' });
      }
      if (serverGroupId) this.#join(serverGroupId, id);
      this.#noteInstance(draft);
      if (draft.status === 'BUILD')
        this.options.clock.setTimeout(() => {
          if (draft.status === 'BUILD') this.#set(draft, { status: 'ACTIVE' });
        }, this.options.bootMs ?? 1000);
      return { ...draft };
    },
    deleteInstance: async (id: string) => {
      this.before('deleteInstance', id);
      const instance = this.instancesById.get(id);
      if (!instance) return;
      this.instancesById.delete(id);
      for (const group of this.groups.values())
        group.members = group.members.filter((member) => member !== id);
      this.note({ kind: 'instance', id, projectId: instance.projectId, status: 'DELETED', hostname: null });
    },
    migrate: async (id: string, to?: string) => this.#move(id, to, false),
    liveMigrate: async (id: string, to?: string) => this.#move(id, to, true),
    confirmMigration: async (id: string) => {
      this.before('confirmMigration', id);
      const instance = this.#instance(id);
      if (instance.status !== 'VERIFY_RESIZE' || instance.taskState)
        throw new DoctorError('CLOUD_CONFLICT', `instance ${id} is in ${instance.status}`);
      this.#set(instance, { taskState: 'confirming' });
      this.options.clock.setTimeout(() => {
        if (instance.status === 'VERIFY_RESIZE') this.#set(instance, { status: 'ACTIVE', taskState: null });
      }, this.options.confirmMs ?? 1000);
    },
    serverGroups: async () =>
      [...this.groups.values()].map((group) => ({ ...group, members: [...group.members] })),
    flavors: async () =>
      [1, 2, 3, 4].map((vcpus) => ({
        id: `f${vcpus}`,
        name: `f${vcpus}`,
        vcpus,
        memoryMb: vcpus * 1024,
        diskGb: 1,
      })),
  } as unknown as ComputeController;

  readonly network: NetworkController = {
    networks: async () => [{ id: 'net', name: 'net', external: false }],
    floatingIps: async () => [...this.floating.values()].map((each) => ({ ...each })),
    ports: async (deviceId: string) => [
      {
        id: `port-${deviceId}`,
        deviceId,
        networkId: 'net',
        addresses: [`addr-${deviceId}`],
        dataPlaneStatus: null,
      },
    ],
    moveFloatingIp: async (id: string, portId: string | null) => {
      this.before('moveFloatingIp', id);
      const floating = this.floating.get(id);
      if (!floating) throw new DoctorError('CLOUD_NOT_FOUND', `no floating IP ${id}`);
      floating.portId = portId;
      const instanceId = portId?.slice('port-'.length) ?? null;
      floating.fixedAddress = instanceId && `addr-${instanceId}`;
      this.note({ kind: 'floating_ip', id, instanceId });
      return { ...floating };
    },
  } as unknown as NetworkController;

  as(): Controller {
    return this;
  }
  async start(): Promise<void> {}
  async stop(): Promise<void> {}
  health() {
    return { status: 'up' as const, detail: '' };
  }
}
