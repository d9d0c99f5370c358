import type { FastifyInstance } from 'fastify';
import createRouter, { type HTTPMethod } from 'find-my-way';
import { DoctorError } from '../errors/index.js';

/** Tells an unknown path (404) from a known one with the wrong method (405 with Allow). Before the first route. */
export function useNotFound(app: FastifyInstance): void {
  const router = createRouter({ ignoreTrailingSlash: false });
  const methods = new Set<HTTPMethod>();
  app.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat() as HTTPMethod[]) {
      methods.add(each);
      if (!router.hasRoute(each, url)) router.on(each, url, () => {});
    }
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '/';
    const allowed = [...methods].filter((method) => router.find(method, path) !== null);
    if (allowed.length === 0) throw new DoctorError('NOT_FOUND', `no such path: ${request.method} ${path}`);
    void reply.header('allow', allowed.join(', '));
    throw new DoctorError(
      'METHOD_NOT_ALLOWED',
      `${request.method} is not allowed on ${path}; allowed: ${allowed.join(', ')}`,
    );
  });
}
