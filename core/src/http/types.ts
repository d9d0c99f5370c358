import type { FastifyInstance } from 'fastify';

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
   * Must be given when `host` is beyond loopback, else `listen` throws CONFIG_INVALID.
   */
  token?: string | undefined;
  /** Authentication of one's own (Keystone), instead of `token`. Returns false to refuse (401). */
  authenticate?: (headers: Record<string, string | string[] | undefined>) => Promise<boolean>;
}

/** An HTTP server with Doctor's conventions: JSON errors that name the field, limits, authentication, /health, /metrics, /openapi.json. */
export interface HttpServer {
  /** Register routes before `listen`. TypeBox schemas validate; throw DoctorError to answer with its status. */
  readonly app: FastifyInstance;
  /** After `listen`. */
  readonly url: URL;
  /** Throws DoctorError PORT_IN_USE. */
  listen(): Promise<URL>;
  /** Closes idle and busy connections; idempotent. */
  close(): Promise<void>;
}

export interface HttpKit {
  server(options: HttpServerOptions): HttpServer;
}
