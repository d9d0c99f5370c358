import { randomUUID } from 'node:crypto';
import type { NovaServer, NovaService } from '../cloud-client.js';

/** A vertex as the API shows it. */
export interface Vertex {
  vitrage_id: string;
  vitrage_category: 'RESOURCE' | 'ALARM';
  vitrage_type: string;
  [property: string]: unknown;
}
export interface Link {
  source: string;
  relation: string;
  target: string;
}

const seconds = (now: number) => `${new Date(now).toISOString().slice(0, 19)}Z`;

/** Vitrage's entity graph: hosts and instances as Nova tells them, alarms on them. */
export class EntityGraph {
  readonly #resources = new Map<string, Vertex>();
  readonly #alarms = new Map<string, Vertex>();
  #contains: Link[] = [];

  /** Takes over what Nova says. Vertices keep their ids. */
  update(services: readonly NovaService[], servers: readonly NovaServer[], now: number): void {
    const seen = new Set<string>();
    const resource = (key: string, type: string, properties: Record<string, unknown>): string => {
      seen.add(key);
      const old = this.#resources.get(key);
      const vertex = {
        ...base(old?.vitrage_id, 'RESOURCE', type, now),
        vitrage_datasource_name: type,
        ...properties,
      };
      this.#resources.set(key, { ...vertex, ...marks(old) });
      return vertex.vitrage_id;
    };
    const hosts = new Map(
      services
        .filter(({ binary }) => binary === 'nova-compute')
        .map(({ host }) => [
          host,
          resource(`host ${host}`, 'nova.host', { id: host, name: host, state: 'available' }),
        ]),
    );
    this.#contains = servers.flatMap((server) => {
      const hostname = server['OS-EXT-SRV-ATTR:host'] ?? '';
      const target = resource(`instance ${server.id}`, 'nova.instance', {
        id: server.id,
        name: server.name,
        project_id: server.tenant_id,
        host_id: hostname,
        state: server.status.toLowerCase(),
      });
      const source = hosts.get(hostname);
      return source === undefined ? [] : [{ source, relation: 'contains', target }];
    });
    for (const key of this.#resources.keys()) if (!seen.has(key)) this.#resources.delete(key);
    const present = new Set([...this.#resources.values()].map(({ vitrage_id }) => vitrage_id));
    for (const [key, alarm] of this.#alarms)
      if (!present.has(String(alarm['vitrage_resource_id']))) this.#alarms.delete(key);
  }

  host(hostname: string): Vertex | undefined {
    return this.#resources.get(`host ${hostname}`);
  }
  vertex(id: string): Vertex | undefined {
    return this.vertices().find(({ vitrage_id }) => vitrage_id === id);
  }

  /** @param key an alarm of the same key is the same alarm */
  addAlarm(key: string, type: string, on: Vertex, now: number, properties: Record<string, unknown>): Vertex {
    const old = this.#alarms.get(key);
    const severity = String(properties['severity'] ?? 'critical');
    const alarm: Vertex = {
      ...base(old?.vitrage_id, 'ALARM', type, now),
      state: 'Active',
      start_timestamp: old?.['start_timestamp'] ?? seconds(now).replace('T', ' ').replace('Z', '+00:00'),
      vitrage_aggregated_severity: severity.toUpperCase(),
      vitrage_operational_severity: severity.toUpperCase(),
      vitrage_resource_id: on.vitrage_id,
      vitrage_resource_type: on.vitrage_type,
      ...properties,
    };
    this.#alarms.set(key, alarm);
    return alarm;
  }
  removeAlarm(key: string): void {
    this.#alarms.delete(key);
  }

  alarms(): Vertex[] {
    return [...this.#alarms.values()];
  }
  resources(): Vertex[] {
    return [...this.#resources.values()];
  }
  vertices(): Vertex[] {
    return [...this.resources(), ...this.alarms()];
  }
  links(): Link[] {
    const on = this.alarms().map(
      (alarm): Link => ({
        source: alarm.vitrage_id,
        relation: 'on',
        target: String(alarm['vitrage_resource_id']),
      }),
    );
    return [...this.#contains, ...on];
  }
  /** Sets what a template's action says of a vertex; undefined takes it away. */
  mark(id: string, property: 'vitrage_state' | 'is_marked_down', value: unknown): void {
    const vertex = this.vertex(id);
    if (!vertex) return;
    if (value === undefined) delete vertex[property];
    else vertex[property] = value;
  }
}

function base(
  id: string | undefined,
  category: Vertex['vitrage_category'],
  type: string,
  now: number,
): Vertex {
  return {
    vitrage_id: id ?? randomUUID(),
    vitrage_category: category,
    vitrage_type: type,
    vitrage_is_deleted: false,
    vitrage_is_placeholder: false,
    is_real_vitrage_id: true,
    update_timestamp: seconds(now),
    vitrage_sample_timestamp: seconds(now),
  };
}

const marks = (old: Vertex | undefined) =>
  Object.fromEntries(
    (['vitrage_state', 'is_marked_down'] as const).flatMap((key) =>
      old && key in old ? [[key, old[key]]] : [],
    ),
  );
