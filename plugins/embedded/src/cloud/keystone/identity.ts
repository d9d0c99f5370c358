import { forbidden } from '../http/errors.js';
import type { Call, Service } from '../http/service.js';
import type { Catalog } from './catalog.js';
import type { IdentityStore } from './store.js';
import type { TokenStore } from './tokens.js';

/** What Keystone's routes work on. */
export interface Keystone {
  service: Service;
  store: IdentityStore;
  tokens: TokenStore;
  catalog: Catalog;
  now(): number;
}

/** Refuses a caller that is no admin, in Keystone's words. */
export function requireAdmin(call: Call, action: string): void {
  if (call.token.admin) return;
  throw forbidden(`You are not authorized to perform the requested action: identity:${action}.`);
}

/** A list as Keystone gives it. */
export function renderList(keystone: Keystone, call: Call, key: string, items: unknown[]): { body: unknown } {
  const self = `${keystone.service.url}${call.url}`;
  return { body: { links: { next: null, previous: null, self }, [key]: items } };
}

/** One value of a query parameter. */
export function queryText(call: Call, key: string): string | undefined {
  const value = call.query[key];
  return Array.isArray(value) ? value[0] : value;
}
