import type { DoctorError, ErrorCode } from '../errors/index.js';

const STATUS: Partial<Record<ErrorCode, number>> = {
  INPUT_INVALID: 400,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CONFLICT: 409,
  BODY_TOO_LARGE: 413,
  MEDIA_TYPE: 415,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  MAINTENANCE_REFUSED: 409,
  MAINTENANCE_LATE: 409,
  // a resource of the cloud that the caller named: for the caller it is the same as one of ours
  CLOUD_NOT_FOUND: 404,
  CLOUD_CONFLICT: 409,
  CLOUD_UNREACHABLE: 503,
  CLOUD_TIMEOUT: 504,
  BACKEND_UNREACHABLE: 503,
  STORE: 503,
  TIMEOUT: 504,
  ABORTED: 503,
};

/** The HTTP status that a DoctorError is answered with. */
export function statusOf(error: DoctorError): number {
  const status = STATUS[error.code];
  if (status !== undefined) return status;
  return error.kind === 'cloud' || error.kind === 'backend' ? 502 : 500;
}
