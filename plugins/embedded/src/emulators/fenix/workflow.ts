import { randomUUID } from 'node:crypto';
import { CloudRefusal, type CloudClient, type NovaServer } from '../cloud-client.js';
import type { EmulatorContext } from '../types.js';
import { pause, replyAt } from './clock.js';
import type { FenixHost, FenixInstance, FenixSession, FenixState } from './session.js';

/** The engine's options, ms. */
export interface FenixTimes {
  /** For an answer to MAINTENANCE, PREPARE_ and PLANNED_MAINTENANCE. */
  projectReply: number;
  /** For an answer to SCALE_IN and MAINTENANCE_COMPLETE. */
  scaleInReply: number;
  /** For a host to become empty. */
  hostEmpty: number;
  /** For a migration to be ready to be confirmed. */
  migration: number;
  /** Between two looks at answers and at Nova. */
  look: number;
}

export interface WorkflowServices {
  context: EmulatorContext;
  cloud: CloudClient;
  times: FenixTimes;
  /** Base of Fenix' API. */
  url(): string;
}

const MICROVERSION = '2.53';
const ALLOWED = ['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION'];
/** The project that host notifications name; its name, where an id would be needed. */
const WORKFLOW_PROJECT = 'admin';

const hasFloatingIp = ({ addresses }: NovaServer) =>
  Object.values(addresses)
    .flat()
    .some((address) => address['OS-EXT-IPS:type'] === 'floating');

/** The workflow `default`: a method for each state, which says the next one. */
export class Workflow {
  readonly #session: FenixSession;
  readonly #services: WorkflowServices;
  readonly #signal: AbortSignal;

  constructor(session: FenixSession, services: WorkflowServices, signal: AbortSignal) {
    this.#session = session;
    this.#services = services;
    this.#signal = signal;
  }

  /**
   * Runs to its end. A failure of any kind ends in MAINTENANCE_FAILED, and cleans nothing up. A session that was
   * deleted ends with the state it is in: what is under way there goes on.
   */
  async run(): Promise<void> {
    const session = this.#session;
    while (!session.removed && session.state !== 'MAINTENANCE_DONE' && session.state !== 'MAINTENANCE_FAILED')
      try {
        this.#signal.throwIfAborted();
        await this.#step();
      } catch (error) {
        if (this.#signal.aborted) return;
        this.#services.context.log('fenix.failed', { session: session.id, error: (error as Error).message });
        session.state = 'MAINTENANCE_FAILED';
      }
  }

  async #step(): Promise<void> {
    const session = this.#session;
    switch (session.state) {
      case 'MAINTENANCE':
        return this.#maintenance();
      case 'SCALE_IN':
        return this.#scaleIn();
      case 'PREPARE_MAINTENANCE':
        return this.#prepare();
      case 'START_MAINTENANCE':
        return this.#start();
      case 'PLANNED_MAINTENANCE':
        return this.#planned();
      default:
        session.state = (await this.#confirm('MAINTENANCE_COMPLETE', this.#services.times.scaleInReply))
          ? 'MAINTENANCE_DONE'
          : 'MAINTENANCE_FAILED';
    }
  }

  async #maintenance(): Promise<void> {
    const { context, times } = this.#services;
    const session = this.#session;
    const { maintenanceAt, metadata } = session.request;
    // the engine reads the metadata back from a text: what is no dictionary there ends here
    if (typeof metadata !== 'object' || metadata === null) throw new Error('metadata is malformed');
    session.update(await this.#servers(), true);
    if (!(await this.#projectsListen()))
      throw new Error('a project does not listen to maintenance.scheduled');
    // with its reversed sign this only holds back what is in the past anyway
    if (context.clock.now() - times.projectReply > maintenanceAt)
      throw new Error('no time for projects to answer');
    const actionsAt = new Date(maintenanceAt).toISOString().slice(0, 19);
    if (!(await this.#confirm('MAINTENANCE', times.projectReply, actionsAt))) return this.#fail();
    session.state = await this.#afterCapacity();
    const left = maintenanceAt - context.clock.now();
    if (left > 0) await pause(context.clock, left, this.#signal);
  }

  async #scaleIn(): Promise<void> {
    if (!(await this.#confirm('SCALE_IN', this.#services.times.scaleInReply))) return this.#fail();
    this.#session.update(await this.#servers());
    this.#session.state = await this.#afterCapacity();
  }

  async #prepare(): Promise<void> {
    const session = this.#session;
    const host = await this.#emptiest();
    if (!(await this.#confirmAbout(host, 'PREPARE_MAINTENANCE'))) return this.#fail();
    const next = (await this.#empty(host)) ? 'START_MAINTENANCE' : 'SCALE_IN';
    session.update(await this.#servers());
    session.state = next;
  }

  async #start(): Promise<void> {
    const session = this.#session;
    const empty = session.emptyHosts().filter(({ maintained }) => !maintained);
    if (session.emptyHosts().length === 0) return this.#fail();
    const isFirst = session.hosts.every(({ maintained }) => !maintained);
    // nothing is to be scheduled to a host that was not maintained yet
    if (isFirst) for (const host of session.hosts) await this.#setEnabled(host, false);
    for (const host of empty) {
      await this.#untilEmpty(host);
      this.#tellHost(host, 'IN_MAINTENANCE');
      this.#tellHost(host, 'MAINTENANCE_COMPLETE');
      await this.#setEnabled(host, true);
      host.maintained = true;
    }
    session.state = session.hosts.every(({ maintained }) => maintained)
      ? 'MAINTENANCE_COMPLETE'
      : 'PLANNED_MAINTENANCE';
  }

  async #planned(): Promise<void> {
    const session = this.#session;
    const host = session.hosts.find(({ maintained }) => !maintained);
    if (!host || !(await this.#confirmAbout(host, 'PLANNED_MAINTENANCE')) || !(await this.#empty(host)))
      return this.#fail();
    session.update(await this.#servers());
    session.state = 'START_MAINTENANCE';
  }

  #fail(): void {
    this.#session.state = 'MAINTENANCE_FAILED';
  }

  /** What comes next, by the room there is for one host's instances. */
  async #afterCapacity(): Promise<FenixState> {
    const session = this.#session;
    if (session.emptyHosts().length > 0) return 'START_MAINTENANCE';
    const names = new Set(session.hosts.map(({ hostname }) => hostname));
    const own = (await this.#hypervisors()).filter((one) => names.has(one.hypervisor_hostname));
    const sizes = new Set(own.map(({ vcpus }) => vcpus));
    if (sizes.size > 1) throw new Error('hosts have different numbers of vCPUs');
    const free = own.reduce((sum, { vcpus, vcpus_used }) => sum + vcpus - vcpus_used, 0);
    return free >= ([...sizes][0] ?? 0) ? 'PREPARE_MAINTENANCE' : 'SCALE_IN';
  }

  /**
   * The host to be emptied first: none with a floating IP's instance, and of the others the last one that has a free
   * vCPU, or the one with the fewest instances when none has.
   */
  async #emptiest(): Promise<FenixHost> {
    const session = this.#session;
    const floating = new Set((await this.#servers()).filter(hasFloatingIp).map(({ id }) => id));
    const free = new Map(
      (await this.#hypervisors()).map((one) => [one.hypervisor_hostname, one.vcpus - one.vcpus_used]),
    );
    let chosen: { host: FenixHost; count: number } | undefined;
    for (const host of session.hosts) {
      const on = session.instances.filter((instance) => instance.host === host.hostname);
      if (on.some(({ id }) => floating.has(id))) continue;
      const hasRoom = (free.get(host.hostname) ?? 0) > 0;
      if (!chosen || hasRoom || on.length < chosen.count) chosen = { host, count: on.length };
    }
    const host = chosen?.host ?? session.hosts.at(-1);
    if (!host) throw new Error('no host to be emptied');
    return host;
  }

  /** Does the answered actions of all instances on a host, one after the other. @returns whether it is empty then */
  async #empty(host: FenixHost): Promise<boolean> {
    const session = this.#session;
    for (const project of session.asked()) {
      // an answer without actions moves nothing
      if (Object.keys(project.actions).length === 0) continue;
      for (const instance of session.instances) {
        if (instance.host !== host.hostname || instance.projectId !== project.id) continue;
        const action = project.actions[instance.id];
        if (action === 'MIGRATE') {
          if (!(await this.#migrate(instance))) return false;
          this.#tellProject(project.id, 'INSTANCE_ACTION_DONE', {
            instance_ids: [instance.id],
            actions_at: null,
            reply_at: null,
            allowed_actions: [],
            metadata: {},
          });
        } else if (action !== 'OWN_ACTION')
          throw new Error(`instance ${instance.id} action ${String(action)} not supported`);
      }
    }
    return this.#untilEmpty(host);
  }

  async #untilEmpty({ hostname }: FenixHost): Promise<boolean> {
    const { times } = this.#services;
    return this.#until(times.hostEmpty, async () => {
      return (await this.#hypervisors()).some(
        (one) => one.hypervisor_hostname === hostname && one.vcpus_used === 0,
      );
    });
  }

  async #migrate(instance: FenixInstance): Promise<boolean> {
    try {
      await this.#nova('POST', `/servers/${instance.id}/action`, { migrate: null });
    } catch (error) {
      if (error instanceof CloudRefusal) return false;
      throw error;
    }
    const look = async () => {
      const { server } = (await this.#nova('GET', `/servers/${instance.id}`)) as { server: NovaServer };
      return server;
    };
    let server = await look();
    const done = await this.#until(this.#services.times.migration, async () => {
      server = await look();
      return server['OS-EXT-STS:vm_state'] === 'resized' || server['OS-EXT-STS:vm_state'] === 'error';
    });
    if (!done || server['OS-EXT-STS:vm_state'] === 'error') return false;
    await this.#nova('POST', `/servers/${instance.id}/action`, { confirmResize: null });
    instance.host = server['OS-EXT-SRV-ATTR:host'] ?? '';
    return true;
  }

  async #confirm(state: FenixState, timeMs: number, actionsAt?: string): Promise<boolean> {
    const session = this.#session;
    session.askAll(state);
    return this.#answers(state, timeMs, actionsAt, []);
  }

  async #confirmAbout(host: FenixHost, state: FenixState): Promise<boolean> {
    this.#session.askAbout(host.hostname, state);
    return this.#answers(state, this.#services.times.projectReply, undefined, ALLOWED);
  }

  async #answers(
    state: FenixState,
    timeMs: number,
    actionsAt: string | undefined,
    allowed: readonly string[],
  ): Promise<boolean> {
    const { context } = this.#services;
    const session = this.#session;
    const asked = session.asked();
    // the engine never thought of a session that concerns nobody
    if (asked.length === 0) throw new Error('no project has instances on the hosts');
    for (const project of asked) {
      project.actions = {};
      const reply = replyAt(context.clock, timeMs);
      this.#tellProject(project.id, state, {
        instance_ids: this.#projectUrl(project.id),
        actions_at: actionsAt ?? reply,
        reply_at: reply,
        allowed_actions: allowed,
        metadata: session.request.metadata,
      });
    }
    let refused = false;
    const answered = await this.#until(timeMs, async () => {
      const open = asked.find((project) => project.state !== `ACK_${state}`);
      refused = open !== undefined && open.state !== state;
      return !open || refused;
    });
    return answered && !refused;
  }

  #projectUrl(project: string): string {
    return `${this.#services.url()}/v1/maintenance/${this.#session.id}/${project}`;
  }

  #tellProject(project: string, state: string, fields: Record<string, unknown>): void {
    this.#publish('maintenance.scheduled', {
      project_id: project,
      state,
      session_id: this.#session.id,
      reply_url: this.#projectUrl(project),
      ...fields,
    });
  }

  #tellHost({ hostname }: FenixHost, state: string): void {
    this.#publish('maintenance.host', {
      project_id: WORKFLOW_PROJECT,
      host: hostname,
      state,
      session_id: this.#session.id,
    });
  }

  #publish(eventType: string, payload: Record<string, unknown>): void {
    const { context } = this.#services;
    const timestamp = new Date(context.clock.now()).toISOString().replace('T', ' ').replace('Z', '000');
    context.publish({
      messageId: randomUUID(),
      publisherId: 'fenix',
      eventType,
      priority: 'INFO',
      payload,
      timestamp,
    });
  }

  /** Whether every project has an alarm; a cloud without alarming cannot tell, and is believed. */
  async #projectsListen(): Promise<boolean> {
    const { cloud } = this.#services;
    if (!(await cloud.knows('alarming'))) return true;
    const alarms = (await cloud.request(
      'alarming',
      'GET',
      '/v2/alarms?q.field=all_projects&q.op=eq&q.value=true',
    )) as { project_id: string; event_rule?: { event_type?: string } }[];
    const listening = new Set(
      alarms
        .filter(({ event_rule }) => event_rule?.event_type === 'maintenance.scheduled')
        .map(({ project_id }) => project_id),
    );
    return [...this.#session.projects.keys()].every((project) => listening.has(project));
  }

  async #setEnabled({ serviceId }: FenixHost, enabled: boolean): Promise<void> {
    await this.#nova(
      'PUT',
      `/os-services/${serviceId}`,
      enabled ? { status: 'enabled' } : { status: 'disabled', disabled_reason: 'maintenance' },
    );
  }

  async #until(timeMs: number, look: () => Promise<boolean>): Promise<boolean> {
    const { context, times } = this.#services;
    const deadline = context.clock.monotonic() + timeMs;
    for (;;) {
      if (await look()) return true;
      const left = deadline - context.clock.monotonic();
      if (left <= 0) return false;
      await pause(context.clock, Math.min(left, times.look), this.#signal);
    }
  }

  #servers(): Promise<NovaServer[]> {
    return this.#services.cloud.servers(MICROVERSION);
  }
  async #hypervisors(): Promise<{ hypervisor_hostname: string; vcpus: number; vcpus_used: number }[]> {
    const body = await this.#nova('GET', '/os-hypervisors/detail');
    return (body as { hypervisors: { hypervisor_hostname: string; vcpus: number; vcpus_used: number }[] })
      .hypervisors;
  }
  #nova(method: string, path: string, json?: unknown): Promise<unknown> {
    return this.#services.cloud.request('compute', method, path, {
      microversion: MICROVERSION,
      ...(json === undefined ? {} : { json }),
    });
  }
}
