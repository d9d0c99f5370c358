import {
  type CloudResponse,
  type CloudSession,
  DoctorError,
  type FaultEvent,
  type Static,
  Type,
} from '@nfv-doctor/core/plugin-api';
import { Value } from '@sinclair/typebox/value';

const open = { additionalProperties: true };
const DataSourceSchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    driver: Type.String(),
    config: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
  },
  open,
);
/** `GET /v1/data-sources`; secrets in `config` are hidden there. */
export type CongressDataSource = Static<typeof DataSourceSchema>;

const RuleSchema = Type.Object({ id: Type.String(), rule: Type.String() }, open);
export type CongressRule = Static<typeof RuleSchema>;
const DriverSchema = Type.Object({ id: Type.String() }, open);
const RowSchema = Type.Object({ data: Type.Array(Type.Union([Type.String(), Type.Number()])) }, open);

/** A row of the `events` table as it is pushed. */
export type EventRow = Pick<FaultEvent, 'time' | 'type'> & {
  details: Pick<FaultEvent['details'], 'hostname' | 'status' | 'monitor' | 'monitor_event_id'>;
};

const part = encodeURIComponent;

/** Congress' API v1 (service type `policy`). Errors are the session's, with what Congress said. */
export class CongressClient {
  constructor(readonly cloud: CloudSession) {}

  async dataSources(signal?: AbortSignal): Promise<CongressDataSource[]> {
    return results(DataSourceSchema, await this.#get('/v1/data-sources', signal), 'GET /v1/data-sources');
  }

  /** Ids of the drivers that this Congress has. */
  async drivers(signal?: AbortSignal): Promise<string[]> {
    const body = await this.#get('/v1/system/drivers', signal);
    return results(DriverSchema, body, 'GET /v1/system/drivers').map(({ id }) => id);
  }

  async createDataSource(name: string, driver: string, signal?: AbortSignal): Promise<CongressDataSource> {
    const { body } = await this.#call('POST', '/v1/data-sources', signal, { name, driver });
    return one(DataSourceSchema, body, 'POST /v1/data-sources');
  }

  async deleteDataSource(id: string, signal?: AbortSignal): Promise<void> {
    await this.#call('DELETE', `/v1/data-sources/${part(id)}`, signal);
  }

  /** Asks for a poll now, instead of after `poll_time`. */
  async refresh(id: string, signal?: AbortSignal): Promise<void> {
    await this.#call('POST', `/v1/data-sources/${part(id)}?action=request-refresh`, signal, {});
  }

  async rules(policy: string, signal?: AbortSignal): Promise<CongressRule[]> {
    const path = `/v1/policies/${part(policy)}/rules`;
    return results(RuleSchema, await this.#get(path, signal), `GET ${path}`);
  }

  async addRule(
    policy: string,
    rule: { name: string; rule: string },
    signal?: AbortSignal,
  ): Promise<CongressRule> {
    const path = `/v1/policies/${part(policy)}/rules`;
    const { body } = await this.#call('POST', path, signal, rule);
    return one(RuleSchema, body, `POST ${path}`);
  }

  async deleteRule(policy: string, id: string, signal?: AbortSignal): Promise<void> {
    await this.#call('DELETE', `/v1/policies/${part(policy)}/rules/${part(id)}`, signal);
  }

  /** Rows of the `events` table of a data source of driver `doctor`. */
  async events(id: string, signal?: AbortSignal): Promise<EventRow[]> {
    const path = `/v1/data-sources/${part(id)}/tables/events/rows`;
    return results(RowSchema, await this.#get(path, signal), `GET ${path}`).map(({ data }) => {
      const [time = '', type = '', hostname = '', status = '', monitor = '', eventId = ''] = data.map(String);
      return {
        time,
        type,
        details: { hostname, status: status as 'down', monitor, monitor_event_id: eventId },
      };
    });
  }

  /** Replaces all rows. The answer is empty, though it says that it is JSON. */
  async putEvents(id: string, rows: readonly EventRow[], signal?: AbortSignal): Promise<void> {
    await this.#call('PUT', `/v1/data-sources/${part(id)}/tables/events/rows`, signal, rows);
  }

  async #get(path: string, signal?: AbortSignal): Promise<unknown> {
    return (await this.#call('GET', path, signal)).body;
  }

  #call(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    signal?: AbortSignal,
    json?: unknown,
  ): Promise<CloudResponse> {
    return this.cloud.request('policy', {
      method,
      path,
      ...(json === undefined ? {} : { json }),
      ...(signal === undefined ? {} : { signal }),
    });
  }
}

type ObjectSchema = ReturnType<typeof Type.Object>;

function results<T extends ObjectSchema>(schema: T, body: unknown, call: string): Static<T>[] {
  const list = (body as { results?: unknown } | null)?.results;
  if (Array.isArray(list) && list.every((each) => Value.Check(schema, each))) return list as Static<T>[];
  throw protocolError(call);
}

function one<T extends ObjectSchema>(schema: T, body: unknown, call: string): Static<T> {
  if (Value.Check(schema, body)) return body;
  throw protocolError(call);
}

const protocolError = (call: string) =>
  new DoctorError('BACKEND_PROTOCOL', `Congress: ${call} answered something that is not what it should be`);
