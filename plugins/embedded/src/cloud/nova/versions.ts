import type { FastifyRequest } from 'fastify';
import { ApiError, badRequest } from '../http/errors.js';

/** Highest microversion of this Nova: 2.93 (Zed). */
export const MAX_VERSION = 93;

/** Reads the microversion a caller asks for; 2.1 when it asks for none. Returns the minor part. */
export function readMicroversion(headers: FastifyRequest['headers']): number {
  const asked = newStyle(headers['openstack-api-version']) ?? headers['x-openstack-nova-api-version'];
  if (asked === undefined) return 1;
  const text = Array.isArray(asked) ? (asked[0] ?? '') : asked;
  if (text === 'latest') return MAX_VERSION;
  const match = /^([1-9]\d*)\.([1-9]\d*|0)$/.exec(text);
  if (match === null) {
    throw badRequest(`API Version String ${text} is of invalid format. Must be of format MajorNum.MinorNum.`);
  }
  const minor = Number(match[2]);
  if (match[1] === '2' && minor >= 1 && minor <= MAX_VERSION) return minor;
  throw new ApiError(
    406,
    `Version ${text} is not supported by the API. Minimum is 2.1 and maximum is 2.${MAX_VERSION}.`,
  );
}

/** `OpenStack-API-Version: compute 2.53, volume 3.1` */
function newStyle(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  for (const part of [header].flat().join(',').split(',')) {
    const [service, version] = part.trim().split(/\s+/);
    if (service === 'compute') return version;
  }
  return undefined;
}

/** Headers of every reply of Nova. */
export function novaHeaders(requestId: string, version: number): Record<string, string> {
  const headers: Record<string, string> = { 'X-Compute-Request-Id': requestId };
  if (version === 0) return headers;
  headers['OpenStack-API-Version'] = `compute 2.${version}`;
  headers['X-OpenStack-Nova-API-Version'] = `2.${version}`;
  headers['Vary'] = 'OpenStack-API-Version, X-OpenStack-Nova-API-Version';
  return headers;
}
