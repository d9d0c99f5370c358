import type { ApiError } from '../http/errors.js';
import { Service, type ServiceContext } from '../http/service.js';
import type { Catalog } from './catalog.js';
import { addAssignmentRoutes } from './assignments.js';
import { addAuthRoutes } from './auth.js';
import { addCatalogRoutes } from './catalog-routes.js';
import { addCredentialRoutes } from './credentials.js';
import { addProjectRoutes } from './projects.js';
import { addRoleRoutes } from './roles.js';
import type { IdentityStore } from './store.js';
import type { TokenStore } from './tokens.js';
import type { Keystone } from './identity.js';
import { addUserRoutes } from './users.js';

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Request Entity Too Large',
  500: 'Internal Server Error',
};

/** Builds Keystone v3. */
export function createKeystone(
  context: ServiceContext,
  store: IdentityStore,
  tokens: TokenStore,
  catalog: Catalog,
): Keystone {
  const service = new Service(
    {
      name: 'keystone',
      renderError: (error: ApiError) => ({
        error: { code: error.status, message: error.message, title: TITLES[error.status] ?? 'Error' },
      }),
      headers: () => ({ Vary: 'X-Auth-Token' }),
    },
    context,
  );
  const keystone: Keystone = { service, store, tokens, catalog, now: () => context.clock.now() };
  addAuthRoutes(keystone);
  addCatalogRoutes(keystone);
  addProjectRoutes(keystone);
  addUserRoutes(keystone);
  addRoleRoutes(keystone);
  addAssignmentRoutes(keystone);
  addCredentialRoutes(keystone);
  return keystone;
}
