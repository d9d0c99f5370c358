import { ERROR_CODES, type ErrorCode, type ErrorKind } from './codes.js';

export interface DoctorErrorOptions {
  /** For machines; must hold no secrets. */
  details?: Record<string, unknown>;
  cause?: unknown;
  /** Whether the same call may succeed later; default false. */
  retryable?: boolean;
}

/** The one error type of Doctor. `message` names the thing, what was found and what to do, in a line. */
export class DoctorError extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown>;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: DoctorErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DoctorError';
    this.code = code;
    this.details = options.details ?? {};
    this.retryable = options.retryable ?? false;
  }

  /** Who has to do something about it. */
  get kind(): ErrorKind {
    return ERROR_CODES[this.code].kind;
  }

  /** Works across copies of this package. */
  static is(error: unknown): error is DoctorError {
    return error instanceof Error && error.name === 'DoctorError' && 'code' in error;
  }

  /** `error` itself when it is a DoctorError, else one with `code` and its message. */
  static from(error: unknown, code: ErrorCode = 'INTERNAL', prefix = ''): DoctorError {
    if (DoctorError.is(error)) return error;
    const message = error instanceof Error ? error.message : String(error);
    return new DoctorError(code, prefix ? `${prefix}: ${message}` : message, { cause: error });
  }
}
