import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { DoctorError } from '../errors/index.js';
import type { HttpServerOptions } from './types.js';

type Headers = Record<string, string | string[] | undefined>;

const first = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);

/** The token of `Authorization: Bearer ...` or `X-Auth-Token`. */
export function tokenOf(headers: Headers): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(first(headers.authorization) ?? '')?.[1];
  return bearer ?? first(headers['x-auth-token']);
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Constant in time for secrets of any length: compares digests. */
export const sameSecret = (left: string, right: string): boolean =>
  timingSafeEqual(digest(left), digest(right));

/** Whether only this machine can reach the address. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host);

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

const authenticator = (options: HttpServerOptions) => {
  const { token, authenticate } = options;
  if (authenticate) return authenticate;
  if (!token) return undefined;
  return async (headers: Headers) => sameSecret(tokenOf(headers) ?? '', token);
};

/** @throws DoctorError CONFIG_INVALID when the server would be open to others */
export function checkExposure(options: HttpServerOptions): void {
  const host = options.host ?? '127.0.0.1';
  if (isLoopback(host) || options.token || options.authenticate) return;
  throw new DoctorError(
    'CONFIG_INVALID',
    `${options.name} would listen on ${host} without authentication: set its token, or listen on 127.0.0.1`,
  );
}

/** Refuses unauthenticated requests before their body is read. */
export function useAuthentication(app: FastifyInstance, options: HttpServerOptions): void {
  const check = authenticator(options);
  if (!check) return;
  const all = options.protect === 'all';
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.public || (!all && READING.has(request.method))) return;
    if (await check(request.headers)) return;
    void reply.header('www-authenticate', 'Bearer');
    throw new DoctorError(
      'UNAUTHORIZED',
      tokenOf(request.headers)
        ? 'the token is not valid'
        : 'a token is missing (Authorization: Bearer, or X-Auth-Token)',
    );
  });
}
