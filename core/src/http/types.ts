import type { Static, TSchema } from '@sinclair/typebox';
import type { FastifyInstance, FastifyTypeProvider } from 'fastify';
import type { Metrics } from '../metrics/index.js';
import type { Health } from '../roles/role.js';

/** `server.app.withTypeProvider<TypeBoxTypeProvider>()` types `request.body` and others by their TypeBox schemas. */
export interface TypeBoxTypeProvider extends FastifyTypeProvider {
  validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
  serializer: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
}

export interface HttpServerOptions {
  /** For logs, metrics and the OpenAPI title, e.g. `inspector`. */
  name: string;
  /** Address to listen on; default 127.0.0.1. */
  host?: string;
  /** 0: a free port. */
  port: number;
  /** Bytes; default 1 MiB. */
  bodyLimit?: number;
  /**
   * Token that every request that changes state must bring (`Authorization: Bearer` or `X-Auth-Token`), compared in constant time.
   * Must be given when `host` is beyond loopback, else `listen` throws CONFIG_INVALID. An empty string is none.
   * A route with `config: { public: true }` does without.
   */
  token?: string | undefined;
  /** Authentication of one's own (Keystone), instead of `token`. Returns false to refuse (401). */
  authenticate?: (headers: Record<string, string | string[] | undefined>) => Promise<boolean>;
  /** Which requests must be authenticated: those that change state (default), or reading too (/health, /metrics and /openapi.json stay open). */
  protect?: 'changes' | 'all';
  /** What GET /health tells; default up. 503 when down. */
  health?: () => Promise<Health> | Health;
  /** Keeps the body as it came in `request.rawBody`, to verify signatures (`verifySignature`). */
  rawBody?: boolean;
  /** Adds members to every error body beside `error`, for clients that expect another shape (Aodh's `error_message`). */
  errorMembers?: (error: HttpErrorBody['error'], status: number) => Record<string, unknown>;
}

/** Body of every error. Never a stack trace; a 500 names only the request id, under which the log has the cause. */
export interface HttpErrorBody {
  error: {
    /** A code of the errors table. */
    code: string;
    message: string;
    /** Path of the member that is wrong: `details.hostname`, `query.limit`. */
    field?: string;
    /** What a DoctorError of kind `input` carries. */
    details?: Record<string, unknown>;
    requestId: string;
  };
}

/** An HTTP server with Doctor's conventions: JSON errors that name the field, limits, authentication, /health, /metrics, /openapi.json. */
export interface HttpServer {
  /**
   * Register routes before `listen`. TypeBox schemas validate (bodies strictly, query and path with coercion);
   * throw DoctorError to answer with its status.
   */
  readonly app: FastifyInstance;
  /** After `listen`. */
  readonly url: URL;
  /** Throws DoctorError PORT_IN_USE. */
  listen(): Promise<URL>;
  /** Lets answers under way finish for a moment, then closes idle and busy connections; idempotent. */
  close(): Promise<void>;
}

export interface HttpKit {
  server(options: HttpServerOptions): HttpServer;
  /** The process' metrics, shown at each server's GET /metrics. */
  readonly metrics: Metrics;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Needs no authentication. */
    public?: boolean;
  }
  interface FastifyRequest {
    /** The body as it came, when the server was made with `rawBody`. */
    rawBody?: string;
  }
}
