import { fastifySwagger } from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../metrics/index.js';
import type { HttpServerOptions } from './types.js';
import { plainSchema } from './validation.js';

/** Collects the routes registered from now on for /openapi.json. */
export function useOpenApi(app: FastifyInstance, options: HttpServerOptions): void {
  // called, not registered: a registered plugin would load at `listen` only and miss routes added before
  fastifySwagger(
    app,
    {
      openapi: { openapi: '3.1.0', info: { title: `Doctor ${options.name}`, version: '1.0.0' } },
      transform: ({ schema, url }) => ({ schema: schema && (plainSchema(schema) as typeof schema), url }),
    },
    () => {},
  );
}

/** GET /health, /metrics and /openapi.json. */
export function addServiceRoutes(app: FastifyInstance, options: HttpServerOptions, metrics: Metrics): void {
  const config = { public: true };
  const schema = { hide: true };
  app.get('/health', { config, schema }, async (_request, reply) => {
    const health = (await options.health?.()) ?? { status: 'up', detail: '' };
    return reply.code(health.status === 'down' ? 503 : 200).send(health);
  });
  app.get('/metrics', { config, schema }, async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
  app.get('/openapi.json', { config, schema }, async () => app.swagger());
}

/** One histogram of all servers: seconds by server, route, method and class of status. */
export function useRequestMetrics(app: FastifyInstance, options: HttpServerOptions, metrics: Metrics): void {
  const seconds = metrics.histogram({
    name: 'doctor_http_request_seconds',
    help: 'Time from the request to the end of its answer',
    labelNames: ['server', 'method', 'route', 'status'],
  });
  app.addHook('onResponse', (request, reply, done) => {
    seconds.observe(
      {
        server: options.name,
        method: request.method,
        route: request.routeOptions.url ?? 'unknown',
        status: `${Math.floor(reply.statusCode / 100)}xx`,
      },
      reply.elapsedTime / 1000,
    );
    done();
  });
}
