import type { NovaServer } from '../cloud-client.js';

/** States of a session, in Fenix' words. */
export type FenixState =
  | 'MAINTENANCE'
  | 'SCALE_IN'
  | 'PREPARE_MAINTENANCE'
  | 'START_MAINTENANCE'
  | 'PLANNED_MAINTENANCE'
  | 'MAINTENANCE_COMPLETE'
  | 'MAINTENANCE_DONE'
  | 'MAINTENANCE_FAILED';

export interface FenixHost {
  hostname: string;
  /** Nova's service. */
  serviceId: string;
  maintained: boolean;
}

export interface FenixInstance {
  id: string;
  name: string;
  projectId: string;
  host: string;
  /** The question it is part of. */
  projectState: string | null;
}

export interface FenixProject {
  id: string;
  /** The question it was asked, or its answer; null: it is not asked. */
  state: string | null;
  /** Of its last answer. */
  actions: Record<string, unknown>;
}

/** What a session was asked for. */
export interface FenixRequest {
  /** ms since the epoch. */
  maintenanceAt: number;
  metadata: unknown;
}

/** One session as the database of Fenix has it. */
export class FenixSession {
  state: FenixState = 'MAINTENANCE';
  readonly projects = new Map<string, FenixProject>();
  instances: FenixInstance[] = [];
  /** Deleted by the administrator. */
  removed = false;

  constructor(
    readonly id: string,
    readonly request: FenixRequest,
    readonly hosts: readonly FenixHost[],
  ) {}

  /** Takes the instances on the session's hosts from Nova; projects are those it began with. */
  update(servers: readonly NovaServer[], isFirst = false): void {
    const known = new Map(this.instances.map((instance) => [instance.id, instance]));
    const hosts = new Set(this.hosts.map(({ hostname }) => hostname));
    this.instances = servers.flatMap((server) => {
      const host = server['OS-EXT-SRV-ATTR:host'] ?? '';
      if (!hosts.has(host)) return [];
      const { id, name, tenant_id: projectId } = server;
      // where an instance is was noted when it was moved; the rest is new
      const old = known.get(id);
      return [old ?? { id, name, projectId, host, projectState: null }];
    });
    if (isFirst)
      for (const { projectId } of this.instances)
        this.projects.set(projectId, { id: projectId, state: null, actions: {} });
  }

  emptyHosts(): FenixHost[] {
    const used = new Set(this.instances.map(({ host }) => host));
    return this.hosts.filter(({ hostname }) => !used.has(hostname));
  }

  /** Asks every project. */
  askAll(state: string): void {
    for (const project of this.projects.values()) project.state = state;
    for (const instance of this.instances) instance.projectState = null;
  }

  /** Asks the projects that have instances on a host. */
  askAbout(hostname: string, state: string): void {
    for (const instance of this.instances) instance.projectState = instance.host === hostname ? state : null;
    for (const project of this.projects.values())
      project.state = this.instances.some(
        ({ projectId, projectState }) => projectId === project.id && projectState !== null,
      )
        ? state
        : null;
  }

  asked(): FenixProject[] {
    return [...this.projects.values()].filter(({ state }) => state !== null);
  }

  /** Instances that the present question is about; all of the project when it is about none. */
  instanceIds(project: FenixProject): string[] {
    const own = this.instances.filter(({ projectId }) => projectId === project.id);
    const inState = own.filter(({ projectState }) => projectState === project.state);
    return (inState.length > 0 ? inState : own).map(({ id }) => id);
  }
}
