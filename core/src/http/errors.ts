import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DoctorError, type ErrorCode } from '../errors/index.js';
import type { Logger } from '../log/index.js';
import { statusOf } from './status.js';
import type { HttpErrorBody, HttpServerOptions } from './types.js';

const CODE_BY_STATUS: Record<number, ErrorCode> = {
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  409: 'CONFLICT',
  413: 'BODY_TOO_LARGE',
  415: 'MEDIA_TYPE',
};

/** Fastify's own words name its internals; these name what to do. */
const MESSAGES: Record<string, (request: FastifyRequest, options: HttpServerOptions) => string> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: (request) =>
    `Content-Type must be application/json, found ${request.headers['content-type'] ?? 'none'}`,
  FST_ERR_CTP_EMPTY_TYPE: () => 'Content-Type must be application/json, found none',
  FST_ERR_CTP_BODY_TOO_LARGE: (_request, options) =>
    `the body is larger than the limit of ${options.bodyLimit ?? 1_048_576} bytes`,
  FST_ERR_BAD_URL: () => 'the path is not a valid URL path',
};

interface Answer {
  status: number;
  code: ErrorCode;
  message: string;
  field?: string;
  details?: Record<string, unknown>;
}

function fromDoctorError(error: DoctorError): Answer {
  const { field, ...details } = error.details as { field?: string };
  return {
    status: statusOf(error),
    code: error.code,
    message: error.message,
    ...(field ? { field } : {}),
    ...(error.kind === 'input' && Object.keys(details).length > 0 ? { details } : {}),
  };
}

function toAnswer(error: FastifyError | Error, request: FastifyRequest, options: HttpServerOptions): Answer {
  // Ajv's first error, as useValidation described it, or one thrown by a handler
  if (DoctorError.is(error) && error.code !== 'INTERNAL') return fromDoctorError(error);
  const status = 'statusCode' in error ? Number(error.statusCode) : 500;
  if (!(status >= 400 && status < 500))
    return {
      status: 500,
      code: 'INTERNAL',
      message: 'internal error; the log has the cause under this request id',
    };
  const own = 'code' in error ? MESSAGES[String(error.code)] : undefined;
  return {
    status,
    code: CODE_BY_STATUS[status] ?? 'INPUT_INVALID',
    message: own?.(request, options) ?? error.message,
  };
}

/** Sends an error in Doctor's shape. */
export function sendError(
  error: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
  options: HttpServerOptions,
  log: Logger,
): void {
  const { status, ...rest } = toAnswer(error, request, options);
  const body: HttpErrorBody['error'] = { ...rest, requestId: request.id };
  if (status >= 500)
    log.error({
      event: 'http.failed',
      requestId: request.id,
      method: request.method,
      path: request.url,
      err: error,
    });
  void reply
    .code(status)
    .header('content-type', 'application/json; charset=utf-8')
    .send({ error: body, ...options.errorMembers?.(body, status) });
}

/** Routes every error of `app` through `sendError`. */
export function useErrors(app: FastifyInstance, options: HttpServerOptions, log: Logger): void {
  app.setErrorHandler((error, request, reply) => {
    sendError(error instanceof Error ? error : new Error(String(error)), request, reply, options, log);
  });
}
