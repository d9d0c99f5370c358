import {
  checkShape,
  type CloudSession,
  DoctorError,
  type MaintenanceRequest,
  type Static,
  Type,
} from '@nfv-doctor/core/plugin-api';
import { Value } from '@sinclair/typebox/value';
import {
  type GroupConstraints,
  GroupConstraintsSchema,
  type InstanceConstraints,
  InstanceConstraintsSchema,
} from './constraints.js';

const open = { additionalProperties: true };
const CreatedSchema = Type.Object({ session_id: Type.String({ minLength: 1 }) }, open);
const StateSchema = Type.Object({ state: Type.String({ minLength: 1 }) }, open);
const ListSchema = Type.Object({ sessions: Type.Array(Type.String()) }, open);
const InstancesSchema = Type.Object({ instance_ids: Type.Array(Type.String()) }, open);

/** Body of `POST /v1/maintenance`. */
export type FenixRequest = Pick<MaintenanceRequest, 'maintenance_at' | 'actions' | 'download'> & {
  state: 'MAINTENANCE';
  hosts: string[];
  metadata: Record<string, unknown>;
  workflow: string;
};

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
const part = encodeURIComponent;

/**
 * Fenix' API v1 (service type `maintenance`). A token is always sent, though old versions look at none; GET and DELETE
 * have no body, which Fenix refuses. Each request costs Fenix two AMQP connections for good: ask seldom.
 */
export class FenixClient {
  constructor(readonly cloud: CloudSession) {}

  /** Base of the API, with `/v1`. */
  async endpoint(): Promise<URL> {
    const url = await this.cloud.endpoint('maintenance');
    return new URL(`${url.href.replace(/\/+$/, '')}${await this.#version()}`);
  }

  async create(request: FenixRequest, signal?: AbortSignal): Promise<{ sessionId: string }> {
    const body = await this.#call('POST', '/maintenance', request, signal);
    return { sessionId: expected(CreatedSchema, body, 'POST /maintenance').session_id };
  }

  async sessions(signal?: AbortSignal): Promise<string[]> {
    const body = await this.#call('GET', '/maintenance', undefined, signal);
    return expected(ListSchema, body, 'GET /maintenance').sessions;
  }

  /** The state in Fenix' words; undefined: no such session. */
  async state(sessionId: string, signal?: AbortSignal): Promise<string | undefined> {
    const path = `/maintenance/${part(sessionId)}`;
    const body = await absent(this.#call('GET', path, undefined, signal));
    return body === undefined ? undefined : expected(StateSchema, body, `GET ${path}`).state;
  }

  /** What later versions tell of a session (hosts, percentage); undefined where that does not exist. */
  async details(sessionId: string, signal?: AbortSignal): Promise<Record<string, unknown> | undefined> {
    const path = `/maintenance/${part(sessionId)}/detail`;
    const body = await absent(this.#call('GET', path, undefined, signal));
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : undefined;
  }

  /** The version of 2019 takes it and does nothing. */
  async update(sessionId: string, change: Record<string, unknown>, signal?: AbortSignal): Promise<void> {
    await this.#call('PUT', `/maintenance/${part(sessionId)}`, change, signal);
  }

  async remove(sessionId: string, signal?: AbortSignal): Promise<void> {
    await this.#call('DELETE', `/maintenance/${part(sessionId)}`, undefined, signal);
  }

  /** Instances of a project that the session's present question is about; undefined: no such session. */
  async projectInstances(
    sessionId: string,
    projectId: string,
    signal?: AbortSignal,
  ): Promise<string[] | undefined> {
    const path = `/maintenance/${part(sessionId)}/${part(projectId)}`;
    const body = await this.#call('GET', path, undefined, signal);
    return body === null ? undefined : expected(InstancesSchema, body, `GET ${path}`).instance_ids;
  }

  /** Answers for a project: `ACK_<STATE>` or `NACK_<STATE>` in Fenix' words; anything else fails the session. */
  async answer(
    sessionId: string,
    projectId: string,
    answer: { state: string; instance_actions?: Record<string, string>; [field: string]: unknown },
    signal?: AbortSignal,
  ): Promise<void> {
    const path = `/maintenance/${part(sessionId)}/${part(projectId)}`;
    await this.#call('PUT', path, { session_id: sessionId, ...answer }, signal);
  }

  /** @throws DoctorError INPUT_INVALID that names the field */
  async putInstance(id: string, constraints: InstanceConstraints, signal?: AbortSignal): Promise<void> {
    const body = checkShape(InstanceConstraintsSchema, constraints, 'constraints');
    await this.#call('PUT', `/instance/${part(id)}`, { instance_id: id, ...body }, signal);
  }
  instance(id: string, signal?: AbortSignal): Promise<InstanceConstraints | undefined> {
    return this.#constraints(InstanceConstraintsSchema, `/instance/${part(id)}`, signal);
  }
  /** Deleting what is not there is no error. */
  async deleteInstance(id: string, signal?: AbortSignal): Promise<void> {
    await absent(this.#call('DELETE', `/instance/${part(id)}`, undefined, signal));
  }
  /** @throws DoctorError INPUT_INVALID that names the field */
  async putGroup(id: string, constraints: GroupConstraints, signal?: AbortSignal): Promise<void> {
    const body = checkShape(GroupConstraintsSchema, constraints, 'constraints');
    await this.#call('PUT', `/instance_group/${part(id)}`, { group_id: id, ...body }, signal);
  }
  group(id: string, signal?: AbortSignal): Promise<GroupConstraints | undefined> {
    return this.#constraints(GroupConstraintsSchema, `/instance_group/${part(id)}`, signal);
  }
  /** Deleting what is not there is no error. */
  async deleteGroup(id: string, signal?: AbortSignal): Promise<void> {
    await absent(this.#call('DELETE', `/instance_group/${part(id)}`, undefined, signal));
  }

  async #constraints<T extends ReturnType<typeof Type.Object>>(
    schema: T,
    path: string,
    signal?: AbortSignal,
  ): Promise<Static<T> | undefined> {
    const body = await absent(this.#call('GET', path, undefined, signal));
    return body === undefined ? undefined : expected(schema, body, `GET ${path}`);
  }

  async #call(method: Method, path: string, json: unknown, signal?: AbortSignal): Promise<unknown> {
    try {
      const answer = await this.cloud.request('maintenance', {
        method,
        path: `${await this.#version()}${path}`,
        ...(json === undefined ? {} : { json }),
        ...(signal === undefined ? {} : { signal }),
      });
      return answer.body;
    } catch (error) {
      throw explained(error);
    }
  }

  /** Some deployments have the version in the catalog. */
  async #version(): Promise<string> {
    const { pathname } = await this.cloud.endpoint('maintenance');
    return /\/v1\/?$/.test(pathname) ? '' : '/v1';
  }
}

async function absent<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (DoctorError.is(error) && error.code === 'CLOUD_NOT_FOUND') return undefined;
    throw error;
  }
}

/** Fenix tells no reason: what is known of it is said instead. */
function explained(error: unknown): unknown {
  if (!DoctorError.is(error)) return error;
  const { status } = error.details;
  const hint =
    status === 509
      ? 'three sessions are the most, done and failed ones included: delete some'
      : status === 500
        ? 'Fenix tells no reason; the log of fenix-api and fenix-engine has it'
        : undefined;
  if (hint === undefined) return error;
  return new DoctorError('BACKEND_ERROR', `${error.message}: ${hint}`, {
    details: error.details,
    cause: error,
  });
}

function expected<T extends ReturnType<typeof Type.Object>>(
  schema: T,
  body: unknown,
  call: string,
): Static<T> {
  if (Value.Check(schema, body)) return body;
  throw new DoctorError(
    'BACKEND_PROTOCOL',
    `Fenix: ${call} answered something that is not what it should be`,
  );
}
