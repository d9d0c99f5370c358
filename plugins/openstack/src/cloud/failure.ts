import { DoctorError, type ErrorCode } from '@nfv-doctor/core/plugin-api';
import { serviceText } from './service-text.js';

/** What was asked, for messages. */
export interface Target {
  service: string;
  method: string;
  /** Without user information. */
  url: string;
}

/** Why an attempt failed, and whether another may be made. */
export interface Failure {
  error: DoctorError;
  /** The service cannot have seen the request. */
  unsent: boolean;
  /** An idempotent request may be sent again. */
  transient: boolean;
  /** Pause that the service asked for, ms. */
  retryAfterMs?: number | undefined;
}

const UNSENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const TIMEOUTS = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'BODY_DEADLINE']);
const TRANSIENT_STATUS = new Set([429, 502, 503, 504]);

/** Failure of the network, from undici's error. */
export function networkFailure(target: Target, error: unknown, timeoutMs: number): Failure {
  const cause = rootCause(error);
  const { service, method, url } = target;
  const asked = `${service}: ${method} ${url}`;
  const details = { ...target, reason: cause.code || cause.message };
  if (TIMEOUTS.has(cause.code))
    return {
      error: new DoctorError('CLOUD_TIMEOUT', `${asked} was not answered within ${timeoutMs} ms`, {
        details,
        retryable: true,
      }),
      unsent: false,
      transient: true,
    };
  if (isCertificateError(cause.code))
    return {
      error: new DoctorError(
        'CLOUD_UNREACHABLE',
        `${asked}: the certificate is not trusted (${cause.code}): set cacert, or insecure to go without`,
        { details },
      ),
      unsent: true,
      transient: false,
    };
  const isProtocol = cause.code.startsWith('HPE_');
  return {
    error: new DoctorError(
      isProtocol ? 'CLOUD_ERROR' : 'CLOUD_UNREACHABLE',
      `${asked}: ${isProtocol ? 'answered something that is not HTTP' : 'no connection'} (${cause.code || cause.message})`,
      { details, retryable: true },
    ),
    unsent: UNSENT.has(cause.code),
    transient: true,
  };
}

function rootCause(error: unknown): { code: string; message: string } {
  const nested = error instanceof AggregateError ? error.errors[0] : undefined;
  const found = (nested ?? error) as { code?: unknown; message?: unknown };
  return {
    code: typeof found?.code === 'string' ? found.code : '',
    message: String(found?.message ?? error),
  };
}

const isCertificateError = (code: string) =>
  /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER))/.test(code);

/** An answer that is no success. `clean` takes secrets out of what the service said. */
export function statusFailure(
  target: Target,
  answer: { status: number; text: string; retryAfter: string | undefined; requestId: string | undefined },
  now: number,
  clean: (text: string) => string,
): Failure {
  const said = clean(serviceText(answer.text));
  const { service, method, url } = target;
  const id = answer.requestId ? ` (${answer.requestId})` : '';
  const transient = TRANSIENT_STATUS.has(answer.status);
  return {
    error: new DoctorError(
      codeOf(answer.status, said),
      `${service}: ${method} ${url} answered ${answer.status}: ${said || 'no explanation'}${id}`,
      {
        details: { ...target, status: answer.status, requestId: answer.requestId, said },
        retryable: transient,
      },
    ),
    unsent: false,
    transient,
    retryAfterMs: retryAfter(answer.retryAfter, now),
  };
}

const CODES: Record<number, ErrorCode> = {
  400: 'CLOUD_BAD_REQUEST',
  401: 'CLOUD_AUTH',
  403: 'CLOUD_FORBIDDEN',
  404: 'CLOUD_NOT_FOUND',
  409: 'CLOUD_CONFLICT',
  413: 'CLOUD_OVER_LIMIT',
  429: 'CLOUD_OVER_LIMIT',
};

function codeOf(status: number, said: string): ErrorCode {
  // Nova says 403 and Neutron 409 when a quota is used up
  if ((status === 403 || status === 409) && /quota/i.test(said)) return 'CLOUD_OVER_LIMIT';
  return CODES[status] ?? (status >= 400 && status < 500 ? 'CLOUD_BAD_REQUEST' : 'CLOUD_ERROR');
}

/** Retry-After: seconds or a date. */
function retryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const seconds = Number(value);
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(value) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
