import type { EventBus } from '../../bus/index.js';
import type { Clock } from '../../domain/clock.js';
import { maintenanceState } from '../../domain/maintenance-words.js';
import { MAINTENANCE_HOST, MAINTENANCE_SCHEDULED } from '../../domain/maintenance.js';
import type { Host } from '../../domain/host.js';
import type { Notification } from '../../domain/notification.js';
import { parseUtc } from '../../domain/utc.js';
import type { Controller, MessageBus } from '../../roles/index.js';
import type { StateChange } from './checker/index.js';
import { instanceChange } from './nova-status.js';

type Change = StateChange extends infer C ? (C extends { at: number } ? Omit<C, 'at'> : never) : never;

export interface RecorderContext {
  clock: Clock;
  events: EventBus;
  bus: MessageBus;
  /** As the administrator. */
  cloud: Controller;
  pollIntervalMs: number;
  /** Only these projects, groups and addresses are looked at. */
  projectIds: readonly string[];
  groupIds: readonly string[];
  floatingIpIds: readonly string[];
  /** Groups are seen by their owner. */
  ownersCloud: Controller;
}

function hostChange({ hostname, state, status, forcedDown }: Host): Change {
  const up = state === 'up';
  const silence = up || forcedDown ? {} : { silent: true };
  return { kind: 'host', hostname, up, enabled: status === 'enabled', ...silence };
}

/**
 * Writes down every change of the cloud and of the session, for the checker: from the bus as it is told, and from looks at the
 * cloud for what nobody tells. It knows nothing of the workflow.
 */
export class Recorder {
  readonly log: StateChange[] = [];
  /** The last thing written of each resource, and when the bus last told of it. */
  readonly #last = new Map<string, string>();
  readonly #toldAt = new Map<string, number>();
  readonly #seen = new Set<string>();
  readonly #ports = new Map<string, string>();
  readonly #ends: (() => void | Promise<void>)[] = [];
  #stop = new AbortController();
  #polling: Promise<void> = Promise.resolve();
  #addresses: Promise<void> = Promise.resolve();
  problem: string | undefined;

  constructor(readonly context: RecorderContext) {}

  /** Takes down the whole state, and from then on every change. */
  async start(signal: AbortSignal): Promise<void> {
    const { bus, events, clock } = this.context;
    this.#stop = new AbortController();
    const at = clock.monotonic();
    await this.#look(signal, at);
    const patterns = ['compute.instance.*', 'floatingip.*', MAINTENANCE_SCHEDULED, MAINTENANCE_HOST];
    this.#ends.push(await bus.subscribe(patterns, (notification) => this.#told(notification)));
    this.#ends.push(
      events.on('maintenance.session', ({ sessionId, state, reason }) =>
        this.session(sessionId, state, reason),
      ),
    );
    this.#polling = this.#poll(this.#stop.signal);
  }

  /** One last look, and the end. */
  async stop(signal: AbortSignal): Promise<void> {
    if (this.#stop.signal.aborted) return;
    await this.#addresses;
    this.#stop.abort();
    await this.#polling;
    for (const end of this.#ends.splice(0)) await end();
    await this.#look(signal);
  }

  /** The state of a session, from whoever knows it. */
  session(sessionId: string, state: string, reason?: string): void {
    const why = reason ? { reason } : {};
    this.#write(`session ${sessionId}`, { kind: 'session', sessionId, state, ...why });
  }

  async #poll(signal: AbortSignal): Promise<void> {
    const { clock, pollIntervalMs } = this.context;
    while (!signal.aborted)
      try {
        await clock.sleep(pollIntervalMs, signal);
        await this.#look(signal);
      } catch (error) {
        if (!signal.aborted) this.problem = error instanceof Error ? error.message : String(error);
      }
  }

  async #look(signal: AbortSignal, at?: number): Promise<void> {
    const { cloud, clock, ownersCloud, projectIds, groupIds, floatingIpIds } = this.context;
    const began = clock.monotonic();
    const [hosts, instances, groups, addresses] = await Promise.all([
      cloud.compute.hosts(signal),
      cloud.compute.instances({ allProjects: true }, signal),
      groupIds.length > 0 ? ownersCloud.compute.serverGroups(signal) : [],
      floatingIpIds.length > 0 ? ownersCloud.network.floatingIps(signal) : [],
    ]);
    const stamp = at ?? clock.monotonic();
    for (const host of hosts) this.#seenInLook(`host ${host.hostname}`, hostChange(host), began, stamp);
    for (const { id, name, policy, members } of groups)
      if (groupIds.includes(id)) this.#group(id, members, policy || name, stamp);
    const mine = instances.filter(({ projectId }) => projectIds.includes(projectId));
    for (const { id, projectId, status, hostname = null } of mine)
      this.#seenInLook(`instance ${id}`, { kind: 'instance', id, projectId, status, hostname }, began, stamp);
    this.#missing(new Set(mine.map(({ id }) => id)), began, stamp);
    for (const { id, portId } of addresses)
      if (floatingIpIds.includes(id)) {
        const instanceId =
          portId === null
            ? null
            : await this.#instanceAt(
                portId,
                mine.map((each) => each.id),
                signal,
              );
        this.#seenInLook(`address ${id}`, { kind: 'floating_ip', id, instanceId }, began, stamp);
      }
  }

  /** A look is older than what the bus told while it was under way. */
  #seenInLook(key: string, change: Change, began: number, at: number): void {
    if ((this.#toldAt.get(key) ?? Number.NEGATIVE_INFINITY) < began) this.#write(key, change, at);
  }

  #group(id: string, members: readonly string[], policy: string, at: number): void {
    const apart = policy === 'anti-affinity';
    this.#write(`group ${id}`, { kind: 'group', id, members: [...members], apart, maxImpacted: 1 }, at);
  }

  #missing(present: ReadonlySet<string>, began: number, at: number): void {
    for (const [key, json] of this.#last) {
      if (!key.startsWith('instance ')) continue;
      const { id, projectId, status } = JSON.parse(json) as Extract<Change, { kind: 'instance' }>;
      if (!present.has(id) && status !== 'DELETED')
        this.#seenInLook(
          key,
          { kind: 'instance', id, projectId, status: 'DELETED', hostname: null },
          began,
          at,
        );
    }
  }

  async #instanceAt(
    portId: string,
    candidates: readonly string[],
    signal: AbortSignal,
  ): Promise<string | null> {
    const known = this.#ports.get(portId);
    if (known !== undefined) return known;
    const { cloud } = this.context;
    for (const id of candidates)
      if (![...this.#ports.values()].includes(id))
        for (const port of await cloud.network.ports(id, signal)) this.#ports.set(port.id, id);
    return this.#ports.get(portId) ?? null;
  }

  #write(key: string, change: Change, at = this.context.clock.monotonic()): void {
    const json = JSON.stringify(change);
    if (this.#last.get(key) === json) return;
    this.#last.set(key, json);
    this.log.push({ at, ...change } as StateChange);
  }

  #told(notification: Notification): void {
    const { messageId, eventType, payload } = notification;
    if (this.#seen.has(messageId)) return;
    this.#seen.add(messageId);
    if (eventType === MAINTENANCE_SCHEDULED) this.#projectMessage(payload);
    else if (eventType === MAINTENANCE_HOST) this.#hostMessage(payload);
    else if (eventType.startsWith('floatingip.')) this.#address(payload);
    else this.#instance(notification);
  }

  #instance(notification: Notification): void {
    const change = instanceChange(notification);
    if (!change || !this.context.projectIds.includes(change.projectId)) return;
    const key = `instance ${change.id}`;
    this.#toldAt.set(key, this.context.clock.monotonic());
    this.#write(key, change);
  }

  #address(payload: Record<string, unknown>): void {
    const { id, port_id } = (payload['floatingip'] ?? {}) as { id?: string; port_id?: string | null };
    if (id === undefined || !this.context.floatingIpIds.includes(id)) return;
    const key = `address ${id}`;
    const at = this.context.clock.monotonic();
    this.#toldAt.set(key, at);
    // the port of a new instance has to be looked up first: one after another, so that order is kept
    this.#addresses = this.#addresses
      .then(async () => {
        const instanceId = port_id
          ? await this.#instanceAt(port_id, this.#instances(), this.#stop.signal)
          : null;
        this.#write(key, { kind: 'floating_ip', id, instanceId }, at);
      })
      .catch((error: unknown) => {
        this.problem = error instanceof Error ? error.message : String(error);
      });
  }

  #instances(): string[] {
    return [...this.#last.keys()].flatMap((key) =>
      key.startsWith('instance ') ? [key.slice('instance '.length)] : [],
    );
  }

  #hostMessage(payload: Record<string, unknown>): void {
    const { session_id, host, state } = payload as { session_id: string; host: string; state: string };
    if (state !== 'IN_MAINTENANCE' && state !== 'MAINTENANCE_COMPLETE') return;
    const at = this.context.clock.monotonic();
    this.log.push({ at, kind: 'host_message', sessionId: session_id, hostname: host, state });
  }

  #projectMessage(payload: Record<string, unknown>): void {
    const { session_id, project_id, state, reply_at } = payload as Record<string, string | null>;
    const { clock } = this.context;
    this.log.push({
      at: clock.monotonic(),
      kind: 'message',
      sessionId: session_id ?? '',
      projectId: project_id ?? '',
      state: maintenanceState(state ?? '') ?? state ?? '',
      wall: clock.now(),
      replyAt: (reply_at ? parseUtc(reply_at) : undefined) ?? null,
    });
  }
}
