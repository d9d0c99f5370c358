/** A refusal that a service answers with; each service renders it in its own body. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status. */
  readonly status: number;
  /** Class name of the fault where the service tells it (Neutron's `type`). */
  readonly type: string;
  /** Headers to add to the reply. */
  readonly headers: Record<string, string>;

  constructor(status: number, message: string, type = '', headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.type = type;
    this.headers = headers;
  }
}

/** 400 with the service's message. */
export const badRequest = (message: string, type = 'BadRequest'): ApiError =>
  new ApiError(400, message, type);
/** 403 with the service's message. */
export const forbidden = (message: string, type = 'PolicyNotAuthorized'): ApiError =>
  new ApiError(403, message, type);
/** 404 with the service's message. */
export const notFound = (message: string, type = 'NotFound'): ApiError => new ApiError(404, message, type);
/** 409 with the service's message. */
export const conflict = (message: string, type = 'Conflict'): ApiError => new ApiError(409, message, type);
