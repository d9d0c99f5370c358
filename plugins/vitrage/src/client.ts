import {
  type CloudSession,
  DoctorError,
  type FaultEvent,
  parseUtc,
  type Static,
  Type,
} from '@nfv-doctor/core/plugin-api';
import { Value } from '@sinclair/typebox/value';

const AlarmSchema = Type.Object(
  {
    name: Type.String(),
    vitrage_id: Type.String(),
    vitrage_type: Type.String(),
    /** Of an alarm of Doctor's data source. */
    hostname: Type.Optional(Type.String()),
    vitrage_resource_type: Type.Optional(Type.String()),
    /** The graph's id of the resource, not Nova's. */
    vitrage_resource_id: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  },
  { additionalProperties: true },
);
/** An active alarm: `GET /v1/alarm/`. */
export type VitrageAlarm = Static<typeof AlarmSchema>;

const TemplateSchema = Type.Object(
  {
    name: Type.String(),
    status: Type.String(),
    uuid: Type.Union([Type.String(), Type.Null()]),
    'status details': Type.Optional(Type.Union([Type.String(), Type.Null()])),
  },
  { additionalProperties: true },
);
/** `GET /v1/template/`; the status of a usable one is ACTIVE. */
export type VitrageTemplate = Static<typeof TemplateSchema>;

const NodeSchema = Type.Object(
  {
    vitrage_id: Type.String(),
    vitrage_type: Type.Optional(Type.String()),
    /** Nova's UUID of an instance, the name of a host. */
    id: Type.Optional(Type.String()),
    state: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    /** The host that an instance is on. */
    host_id: Type.Optional(Type.String()),
  },
  { additionalProperties: true },
);
/** A vertex of the entity graph: `POST /v1/topology/`. */
export type VitrageNode = Static<typeof NodeSchema>;

/** Vitrage's API v1 (service type `rca`). */
export class VitrageClient {
  constructor(readonly cloud: CloudSession) {}

  /**
   * Hands an event to the `doctor` data source. Vitrage knows one type per fault: `compute.host.up` is
   * `compute.host.down` with status `up`. Sending it twice does no harm, so it may be repeated.
   */
  async postEvent(event: FaultEvent, signal?: AbortSignal): Promise<void> {
    const json = { ...event, time: zoneless(event.time), type: event.type.replace(/\.up$/, '.down') };
    await this.#call('POST', '/v1/event/', json, signal, true);
  }

  async alarms(signal?: AbortSignal): Promise<VitrageAlarm[]> {
    const body = await this.#call('GET', '/v1/alarm/?vitrage_id=all&all_tenants=1', undefined, signal);
    return list(AlarmSchema, body, 'GET /v1/alarm/');
  }

  async topology(signal?: AbortSignal): Promise<VitrageNode[]> {
    const body = await this.#call(
      'POST',
      '/v1/topology/',
      { graph_type: 'graph', all_tenants: 1 },
      signal,
      true,
    );
    return list(NodeSchema, (body as { nodes?: unknown } | null)?.nodes, 'POST /v1/topology/');
  }

  async templates(signal?: AbortSignal): Promise<VitrageTemplate[]> {
    return list(
      TemplateSchema,
      await this.#call('GET', '/v1/template/', undefined, signal),
      'GET /v1/template/',
    );
  }

  /** @param template the template as an object, not its YAML */
  async addTemplate(template: unknown, signal?: AbortSignal): Promise<VitrageTemplate[]> {
    const json = { templates: [[null, template]], template_type: null, params: null, overwrite: false };
    return list(TemplateSchema, await this.#call('PUT', '/v1/template/', json, signal), 'PUT /v1/template/');
  }

  async deleteTemplate(uuid: string, signal?: AbortSignal): Promise<void> {
    await this.#call('DELETE', '/v1/template/', { id: [uuid] }, signal);
  }

  async #call(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    json?: unknown,
    signal?: AbortSignal,
    idempotent?: boolean,
  ): Promise<unknown> {
    const answer = await this.cloud.request('rca', {
      method,
      path,
      ...(json === undefined ? {} : { json }),
      ...(signal === undefined ? {} : { signal }),
      ...(idempotent === undefined ? {} : { idempotent }),
    });
    return answer.body;
  }
}

function list<T extends ReturnType<typeof Type.Object>>(schema: T, body: unknown, call: string): Static<T>[] {
  if (Array.isArray(body) && body.every((each) => Value.Check(schema, each))) return body as Static<T>[];
  throw new DoctorError(
    'BACKEND_PROTOCOL',
    `Vitrage: ${call} answered something that is not the list it should be`,
  );
}

/** Vitrage reads `2026-11-23T16:18:18.955621`: UTC without a zone. */
function zoneless(time: string): string {
  const at = parseUtc(time);
  return at === undefined ? time : new Date(at).toISOString().slice(0, -1);
}
