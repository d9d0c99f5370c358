import { notFound } from '../http/errors.js';
import type { Neutron } from './neutron.js';

/** The extensions that this Neutron really has: alias and name. */
const EXTENSIONS: Record<string, string> = {
  agent: 'agent',
  availability_zone: 'Availability Zone',
  binding: 'Port Binding',
  'data-plane-status': 'data_plane_status extension',
  'external-net': 'Neutron external network',
  'ext-gw-mode': 'Neutron L3 Configurable external gateway mode',
  'fip-port-details': 'Add Port Details to Floating IP',
  pagination: 'Pagination support',
  'port-security': 'Port Security',
  'project-id': 'project_id field enabled',
  provider: 'Provider Network',
  quotas: 'Quota management support',
  quota_details: 'Quota details management support',
  router: 'Neutron L3 Router',
  'security-group': 'security-group',
  sorting: 'Sorting support',
  'standard-attr-description': 'standard-attr-description',
  'standard-attr-revisions': 'Resource revision numbers',
  'standard-attr-tag':
    'Tag support for resources with standard attribute: network, subnet, port, router, floatingip',
  'standard-attr-timestamp': 'Resource timestamps',
};

const render = (alias: string): unknown => ({
  alias,
  name: EXTENSIONS[alias],
  description: EXTENSIONS[alias],
  updated: '2017-01-01T10:00:00-00:00',
  links: [],
});

export function addExtensionRoutes(neutron: Neutron): void {
  const { service } = neutron;
  service.route('GET', '/v2.0/extensions', 'extensions.list', () => ({
    body: { extensions: Object.keys(EXTENSIONS).map(render) },
  }));
  service.route('GET', '/v2.0/extensions/:alias', 'extensions.get', (call) => {
    const alias = call.params['alias'] ?? '';
    if (alias in EXTENSIONS) return { body: { extension: render(alias) } };
    throw notFound('The resource could not be found.');
  });
  const version = (): unknown => ({
    id: 'v2.0',
    links: [{ href: `${service.url}/v2.0/`, rel: 'self' }],
    status: 'CURRENT',
  });
  service.route('GET', '/', 'versions', () => ({ body: { versions: [version()] } }), true);
  service.route('GET', '/v2.0', 'versions', () => {
    const names = [
      'networks',
      'subnets',
      'ports',
      'routers',
      'floatingips',
      'security-groups',
      'agents',
      'extensions',
    ];
    const resources = names.map((name) => ({
      links: [{ href: `${service.url}/v2.0/${name}`, rel: 'self' }],
      name: name.replace(/s$/, '').replaceAll('-', '_'),
      collection: name,
    }));
    return { body: { resources } };
  });
}
