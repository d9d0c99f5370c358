import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { HttpServerOptions } from './types.js';

/** JSON only. An empty body is no body: clients send `Content-Type` with a bare DELETE too. */
export function useBody(app: FastifyInstance, options: HttpServerOptions): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser(
    /^application\/([\w.-]+\+)?json\s*(;|$)/i,
    { parseAs: 'string' },
    (request: FastifyRequest, body: string, done) => {
      if (options.rawBody) request.rawBody = body;
      if (body.length === 0) done(null, undefined);
      else void parse(request, body, done);
    },
  );
}
