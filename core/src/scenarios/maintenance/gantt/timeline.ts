import { type StateChange } from '../checker/index.js';

/** A stretch of time, ms from the begin. */
export interface Bar {
  from: number;
  to: number;
  kind: 'disabled' | 'maintenance' | 'down';
}

export interface HostRow {
  hostname: string;
  bars: Bar[];
  /** Instances on the host from a moment on. */
  loads: { at: number; count: number }[];
}

export interface ProjectRow {
  projectId: string;
  messages: { at: number; state: string }[];
}

/** Where every instance was at one moment. */
export interface PlacementColumn {
  title: string;
  /** Instances by host. */
  byHost: Map<string, string[]>;
}

export interface Timeline {
  /** ms. */
  duration: number;
  hosts: HostRow[];
  projects: ProjectRow[];
  placements: PlacementColumn[];
}

/** How many moments in between are shown with the placement of instances. */
const MOMENTS = 12;

class HostTrack {
  readonly row: HostRow;
  readonly #open = new Map<Bar['kind'], number>();

  constructor(hostname: string) {
    this.row = { hostname, bars: [], loads: [] };
  }
  set(kind: Bar['kind'], on: boolean, at: number): void {
    const from = this.#open.get(kind);
    if (on && from === undefined) this.#open.set(kind, at);
    if (on || from === undefined) return;
    this.#open.delete(kind);
    this.row.bars.push({ kind, from, to: at });
  }
  end(at: number): HostRow {
    for (const kind of [...this.#open.keys()]) this.set(kind, false, at);
    return this.row;
  }
}

/** What the report draws, from the log of changes. */
export function timelineOf(
  changes: readonly StateChange[],
  nameOf: (instanceId: string) => string = (id) => id,
): Timeline {
  const log = changes.toSorted((a, b) => a.at - b.at);
  const start = log[0]?.at ?? 0;
  const duration = Math.max(1, (log.at(-1)?.at ?? 0) - start);
  const tracks = new Map<string, HostTrack>();
  const track = (hostname: string) => {
    const known = tracks.get(hostname) ?? new HostTrack(hostname);
    tracks.set(hostname, known);
    return known;
  };
  const projects = new Map<string, ProjectRow>();
  const where = new Map<string, string>();
  const placements: PlacementColumn[] = [];
  const placement = (title: string): PlacementColumn => {
    const byHost = new Map<string, string[]>([...tracks.keys()].map((hostname) => [hostname, []]));
    for (const [id, hostname] of where) byHost.set(hostname, [...(byHost.get(hostname) ?? []), nameOf(id)]);
    return { title, byHost };
  };
  let begun = false;
  for (const change of log) {
    const at = change.at - start;
    if (!begun && at > 0) {
      begun = true;
      placements.push(placement('before'));
    }
    switch (change.kind) {
      case 'host':
        track(change.hostname).set('disabled', !change.enabled, at);
        track(change.hostname).set('down', !change.up, at);
        break;
      case 'host_message':
        track(change.hostname).set('maintenance', change.state === 'IN_MAINTENANCE', at);
        if (change.state === 'IN_MAINTENANCE' && placements.length <= MOMENTS)
          placements.push(placement(`${change.hostname} in maintenance`));
        break;
      case 'message':
        if (!projects.has(change.projectId))
          projects.set(change.projectId, { projectId: change.projectId, messages: [] });
        projects.get(change.projectId)?.messages.push({ at, state: change.state });
        break;
      case 'instance': {
        const before = where.get(change.id);
        const now = change.status === 'DELETED' ? undefined : (change.hostname ?? undefined);
        if (before === now) break;
        if (now === undefined) where.delete(change.id);
        else where.set(change.id, now);
        for (const hostname of [before, now]) {
          if (hostname === undefined) continue;
          const count = [...where.values()].filter((each) => each === hostname).length;
          track(hostname).row.loads.push({ at, count });
        }
        break;
      }
      default:
    }
  }
  placements.push(placement('after'));
  const hosts = [...tracks.values()].map((each) => each.end(duration));
  return {
    duration,
    hosts: hosts.toSorted((a, b) => a.hostname.localeCompare(b.hostname, 'en', { numeric: true })),
    projects: [...projects.values()],
    placements,
  };
}
