import { notFound } from '../http/errors.js';
import { type Keystone, queryText, renderList, requireAdmin } from './identity.js';

export function addCatalogRoutes(keystone: Keystone): void {
  const { service, catalog, store } = keystone;
  const version = (): unknown => ({
    id: 'v3.14',
    links: [{ href: `${service.url}/v3/`, rel: 'self' }],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
    status: 'stable',
    updated: '2020-04-07T00:00:00Z',
  });
  service.route(
    'GET',
    '/',
    'versions',
    () => ({
      status: 300,
      body: { versions: { values: [version()] } },
      headers: { Location: `${service.url}/v3/` },
    }),
    true,
  );
  service.route('GET', '/v3', 'versions', () => ({ body: { version: version() } }), true);

  service.route('GET', '/v3/services', 'services.list', (call) => {
    requireAdmin(call, 'list_services');
    const services = catalog.services.filter((item) => matches(queryText(call, 'type'), item.type));
    return renderList(
      keystone,
      call,
      'services',
      services.map(({ endpoints: _endpoints, ...item }) => ({ ...item, enabled: true })),
    );
  });
  service.route('GET', '/v3/endpoints', 'endpoints.list', (call) => {
    requireAdmin(call, 'list_endpoints');
    const endpoints = catalog.services.flatMap((item) =>
      item.endpoints.map((endpoint) => ({ ...endpoint, service_id: item.id, enabled: true })),
    );
    return renderList(keystone, call, 'endpoints', endpoints);
  });
  service.route('GET', '/v3/regions', 'regions.list', (call) =>
    renderList(keystone, call, 'regions', [{ id: catalog.region, description: '', parent_region_id: null }]),
  );
  service.route('GET', '/v3/domains', 'domains.list', (call) => {
    requireAdmin(call, 'list_domains');
    const domains = [...store.domains.values()].filter((item) => matches(queryText(call, 'name'), item.name));
    return renderList(
      keystone,
      call,
      'domains',
      domains.map((item) => ({ ...item, tags: [], options: {} })),
    );
  });
  service.route('GET', '/v3/domains/:id', 'domains.get', (call) => {
    const domain = store.domains.get(call.params['id'] ?? '');
    if (domain === undefined) throw notFound(`Could not find domain: ${call.params['id']}.`);
    return { body: { domain: { ...domain, tags: [], options: {} } } };
  });
}

const matches = (wanted: string | undefined, value: string): boolean =>
  wanted === undefined || wanted === value;
