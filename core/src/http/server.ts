import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type FastifyInstance, fastify } from 'fastify';
import type { Clock } from '../domain/clock.js';
import { DoctorError } from '../errors/index.js';
import type { Logger } from '../log/index.js';
import type { Metrics } from '../metrics/index.js';
import { checkExposure, useAuthentication } from './authentication.js';
import { useBody } from './body.js';
import { sendError, useErrors } from './errors.js';
import { useNotFound } from './not-found.js';
import { addServiceRoutes, useOpenApi, useRequestMetrics } from './service-routes.js';
import type { HttpServer, HttpServerOptions } from './types.js';
import { useValidation } from './validation.js';

export interface HttpKitDependencies {
  clock: Clock;
  log: Logger;
  metrics: Metrics;
}

/** How long answers under way may take once the server closes, ms. */
const CLOSE_GRACE_MS = 500;

const requestIds = () => {
  const prefix = `req-${randomBytes(4).toString('hex')}`;
  let count = 0;
  return () => `${prefix}-${(++count).toString(36)}`;
};

function createApp(options: HttpServerOptions, deps: HttpKitDependencies): FastifyInstance {
  const log = deps.log.child({ server: options.name });
  const app = fastify({
    bodyLimit: options.bodyLimit ?? 1_048_576,
    genReqId: requestIds(),
    forceCloseConnections: 'idle',
    // the time for a whole request; slow writers must not hold connections for ever
    requestTimeout: 60_000,
    keepAliveTimeout: 72_000,
    frameworkErrors: (error, request, reply) => sendError(error, request, reply as never, options, log),
    clientErrorHandler(_error, socket) {
      if (!socket.writable) return void socket.destroy();
      const body = JSON.stringify({
        error: { code: 'INPUT_INVALID', message: 'this is not a valid HTTP request', requestId: 'none' },
      });
      socket.end(
        `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
      );
    },
  });
  useErrors(app, options, log);
  useValidation(app);
  useBody(app, options);
  useNotFound(app);
  useOpenApi(app, options);
  useRequestMetrics(app, options, deps.metrics);
  useAuthentication(app, options);
  addServiceRoutes(app, options, deps.metrics);
  return app;
}

const listenError = (error: NodeJS.ErrnoException, options: HttpServerOptions): DoctorError => {
  const where = `${options.host ?? '127.0.0.1'}:${options.port}`;
  if (error.code === 'EADDRINUSE')
    return new DoctorError(
      'PORT_IN_USE',
      `${options.name} cannot listen on ${where}: the port is in use; choose another or 0`,
      {
        cause: error,
      },
    );
  return new DoctorError('CONFIG_INVALID', `${options.name} cannot listen on ${where}: ${error.message}`, {
    cause: error,
  });
};

const urlOf = (address: AddressInfo): URL => {
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  // an unspecified address is no address to call
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '[::]' ? '[::1]' : host;
  return new URL(`http://${reachable}:${address.port}`);
};

/** @see HttpKit */
export function createHttpServer(options: HttpServerOptions, deps: HttpKitDependencies): HttpServer {
  const app = createApp(options, deps);
  let url: URL | undefined;
  let closed: Promise<void> | undefined;

  const close = async () => {
    const grace = deps.clock.setTimeout(() => app.server.closeAllConnections(), CLOSE_GRACE_MS);
    await app.close();
    grace.cancel();
  };

  return {
    app,
    get url() {
      if (!url) throw new DoctorError('INTERNAL', `${options.name} does not listen yet`);
      return url;
    },
    async listen() {
      checkExposure(options);
      try {
        await app.listen({ host: options.host ?? '127.0.0.1', port: options.port });
      } catch (error) {
        if (error instanceof Error && 'syscall' in error)
          throw listenError(error as NodeJS.ErrnoException, options);
        throw error;
      }
      url = urlOf(app.server.address() as AddressInfo);
      return url;
    },
    close: () => (closed ??= close()),
  };
}
