import type { Clock } from '../domain/clock.js';
import type { InstanceAction } from '../domain/maintenance.js';
import { DoctorError, type ErrorCode } from '../errors/index.js';

/** What the admin tool says about the instances of a question. */
export interface AskedInstances {
  instanceIds: string[];
  /** What to release, when the admin tool says so. */
  scaleIn?: { vcpus: number; memoryMb: number; instanceIds: string[] };
}

export interface Answer {
  session_id: string;
  state: string;
  instance_ids?: string[];
  instance_actions?: Record<string, InstanceAction>;
  reason?: string;
}

/** The admin tool's side of the project's REST API. */
export interface AdminGateway {
  instances(url: string, signal: AbortSignal): Promise<AskedInstances>;
  /** @throws DoctorError CONFLICT when the answer is refused */
  answer(url: string, answer: Answer, signal: AbortSignal): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 20_000;
const PAUSE_MS = 500;

/** Speaks to the admin tool over HTTP; while it cannot be reached (it may be restarting) it is tried again. */
export function httpGateway(
  token: () => Promise<string>,
  { clock, timeoutMs }: { clock: Clock; timeoutMs: number },
): AdminGateway {
  const request = async <T>(
    method: 'GET' | 'PUT',
    url: string,
    json: unknown,
    signal: AbortSignal,
  ): Promise<T> => {
    const deadline = clock.monotonic() + timeoutMs;
    // every plugin loads this package, few speak to an admin tool
    const { got } = await import('got');
    for (;;) {
      try {
        const body = await got(url, {
          method,
          headers: { 'x-auth-token': await token() },
          ...(json === undefined ? {} : { json }),
          signal,
          timeout: { request: REQUEST_TIMEOUT_MS },
          retry: { limit: 0 },
        }).text();
        return parse(body) as T;
      } catch (error) {
        signal.throwIfAborted();
        const failure = translate(error, method, url);
        if (!failure.retryable || clock.monotonic() + PAUSE_MS > deadline) throw failure;
      }
      await clock.sleep(PAUSE_MS, signal);
    }
  };
  return {
    async instances(url, signal) {
      const body = await request<{
        instance_ids?: unknown;
        scale_in?: { vcpus?: unknown; memory_mb?: unknown; instance_ids?: unknown };
      } | null>('GET', url, undefined, signal);
      const scale = body?.scale_in;
      return {
        instanceIds: texts(body?.instance_ids),
        ...(scale
          ? {
              scaleIn: {
                vcpus: Number(scale.vcpus ?? 0),
                memoryMb: Number(scale.memory_mb ?? 0),
                instanceIds: texts(scale.instance_ids),
              },
            }
          : {}),
      };
    },
    answer: async (url, answer, signal) => void (await request('PUT', url, answer, signal)),
  };
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];

/** The original admin tool answers `OK`. */
function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const CODES: Partial<Record<number, ErrorCode>> = {
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
};

/** What got throws. */
interface RequestFailure {
  name: string;
  response?: { statusCode: number; body?: unknown };
}

function translate(error: unknown, method: string, url: string): DoctorError {
  const what = `${method} ${new URL(url).pathname}`;
  const { name, response } = error as RequestFailure;
  if (response) {
    const { statusCode, body } = response;
    const text = typeof body === 'string' ? body.slice(0, 500) : '';
    const code = CODES[statusCode] ?? 'BACKEND_ERROR';
    return new DoctorError(code, `${what}: the admin tool answered ${statusCode}: ${text}`, {
      details: { status: statusCode },
      retryable: statusCode >= 500,
      cause: error,
    });
  }
  if (error instanceof Error && /^(RequestError|TimeoutError|ReadError)$/.test(name))
    return new DoctorError(
      'BACKEND_UNREACHABLE',
      `${what}: the admin tool cannot be reached: ${error.message}`,
      { retryable: true, cause: error },
    );
  return DoctorError.from(error, 'BACKEND_ERROR', what);
}
