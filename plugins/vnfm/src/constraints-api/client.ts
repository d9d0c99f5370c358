import { type AdminTool, type CloudSession, DoctorError } from '@nfv-doctor/core/plugin-api';

/** What came of handing a constraint over. */
export interface HandedOver {
  /** The admin tool says that it keeps to it. */
  enforced: boolean;
}

/** Codes by which an admin tool says that it has no such API. */
const ABSENT_STATUS = new Set([404, 405, 501]);
const TIMEOUT_MS = 5_000;

/** The constraints API of the admin tool: Fenix' workflow `vnf`, or one of the same form. */
export interface ConstraintsClient {
  /** @throws DoctorError NOT_FOUND when the admin tool has no such API, CLOUD_* otherwise */
  put(path: string, body: object, signal: AbortSignal): Promise<HandedOver>;
  /** Deleting what is not there is no error. */
  remove(path: string, signal: AbortSignal): Promise<void>;
}

/**
 * Speaks to the admin tool of this process, else to the `maintenance` service of the catalog, as the owner of the instances.
 * @param cloud the owner's session
 */
export function constraintsClient(
  cloud: CloudSession,
  adminTool: Pick<AdminTool, 'endpoint'> | undefined,
): ConstraintsClient {
  const target = async (): Promise<{ session: CloudSession; prefix: string }> => {
    const endpoint = adminTool?.endpoint;
    if (endpoint) {
      const endpointOverrides = { maintenance: endpoint.href.replace(/\/+$/, '') };
      return { session: cloud.as({ endpointOverrides }), prefix: '' };
    }
    const { pathname } = await cloud.endpoint('maintenance');
    // some deployments have the version in the catalog
    return { session: cloud, prefix: /\/v1\/?$/.test(pathname) ? '' : '/v1' };
  };
  const call = async (method: 'PUT' | 'DELETE', path: string, signal: AbortSignal, json?: object) => {
    const { session, prefix } = await target();
    const answer = await session.request('maintenance', {
      method,
      path: `${prefix}${path}`,
      signal,
      timeoutMs: TIMEOUT_MS,
      ...(json === undefined ? {} : { json }),
    });
    return answer.body;
  };
  return {
    async put(path, body, signal) {
      try {
        const answer = await call('PUT', path, signal, body);
        return { enforced: (answer as { enforced?: unknown } | null)?.enforced === true };
      } catch (error) {
        throw isAbsent(error)
          ? new DoctorError('NOT_FOUND', 'the admin tool has no API for constraints', { cause: error })
          : error;
      }
    },
    async remove(path, signal) {
      try {
        await call('DELETE', path, signal);
      } catch (error) {
        if (!isAbsent(error)) throw error;
      }
    },
  };
}

const isAbsent = (error: unknown): boolean =>
  DoctorError.is(error) &&
  (error.code === 'CLOUD_ENDPOINT_MISSING' || ABSENT_STATUS.has(Number(error.details['status'])));
