import { notFound } from '../http/errors.js';
import type { Call } from '../http/service.js';
import { isoDatabase } from '../time.js';
import type { InstanceAction, Migration, Server } from './model.js';
import { CONTROLLER, findServer, type Nova, requireAdmin, ZONE } from './nova.js';
import { MAX_VERSION } from './versions.js';

export function addVersionRoutes(nova: Nova): void {
  const { service } = nova;
  const version = (): Record<string, unknown> => ({
    id: 'v2.1',
    links: [{ rel: 'self', href: `${service.url}/v2.1/` }],
    status: 'CURRENT',
    version: `2.${MAX_VERSION}`,
    min_version: '2.1',
    updated: '2013-07-23T11:33:21Z',
  });
  service.route('GET', '/', 'versions', () => ({ body: { versions: [version()] } }), true);
  const single = (): { body: unknown } => ({
    body: {
      version: {
        ...version(),
        links: [
          { rel: 'self', href: `${service.url}/v2.1/` },
          { rel: 'describedby', type: 'text/html', href: 'http://docs.openstack.org/' },
        ],
        'media-types': [
          { base: 'application/json', type: 'application/vnd.openstack.compute+json;version=2.1' },
        ],
      },
    },
  });
  service.route('GET', '/v2.1', 'versions', single, true);
}

export function addZoneRoutes(nova: Nova): void {
  const { service } = nova;
  const available = { available: true };
  service.route('GET', '/v2.1/os-availability-zone', 'availability_zones.list', () => ({
    body: { availabilityZoneInfo: [{ zoneName: ZONE, zoneState: available, hosts: null }] },
  }));
  service.route('GET', '/v2.1/os-availability-zone/detail', 'availability_zones.detail', (call) => {
    requireAdmin(call, 'os_compute_api:os-availability-zone:detail');
    const now = isoDatabase(nova.clock.now());
    const internal = (): unknown => ({ active: true, available: true, updated_at: now });
    const hosts = [...nova.hosts.values()].map((host) => [
      host.hostname,
      {
        'nova-compute': {
          active: !host.disabled,
          available: host.isUp(),
          updated_at: isoDatabase(Math.max(host.lastSeen(), host.changedAt)),
        },
      },
    ]);
    const zones = [
      {
        zoneName: 'internal',
        zoneState: available,
        hosts: { [CONTROLLER]: { 'nova-conductor': internal(), 'nova-scheduler': internal() } },
      },
      { zoneName: ZONE, zoneState: available, hosts: Object.fromEntries(hosts) },
    ];
    return { body: { availabilityZoneInfo: zones } };
  });
  service.route('GET', '/v2.1/os-aggregates', 'aggregates.list', (call) => {
    requireAdmin(call, 'os_compute_api:os-aggregates:index');
    return { body: { aggregates: [] } };
  });
  service.route('GET', '/v2.1/os-keypairs', 'keypairs.list', () => ({ body: { keypairs: [] } }));
  service.route('GET', '/v2.1/extensions', 'extensions.list', () => ({ body: { extensions: [] } }));
}

export function addHistoryRoutes(nova: Nova): void {
  const { service } = nova;
  service.route('GET', '/v2.1/servers/:id/os-instance-actions', 'instance_actions.list', (call) => {
    const server = findServer(nova, call);
    return {
      body: {
        instanceActions: server.actions.toReversed().map((action) => renderAction(call, server, action)),
      },
    };
  });
  service.route('GET', '/v2.1/servers/:id/os-instance-actions/:request', 'instance_actions.get', (call) => {
    const server = findServer(nova, call);
    const action = server.actions.find((one) => one.requestId === call.params['request']);
    if (action === undefined)
      throw notFound(`Action for request_id ${call.params['request']} on instance ${server.id} not found`);
    const events = action.events.map((event) => ({
      event: event.event,
      start_time: isoDatabase(event.startedAt),
      finish_time: event.finishedAt === null ? null : isoDatabase(event.finishedAt),
      result: event.result,
      ...(call.token.admin && { traceback: null, host: event.host }),
      ...(call.version >= 62 && { hostId: '' }),
    }));
    return { body: { instanceAction: { ...renderAction(call, server, action), events } } };
  });
  service.route('GET', '/v2.1/servers/:id/migrations', 'servers.migrations', (call) => {
    requireAdmin(call, 'os_compute_api:servers:migrations:index');
    const server = findServer(nova, call);
    const live =
      server.migration?.type === 'live-migration' ? [renderMigration(nova, call, server.migration)] : [];
    return { body: { migrations: live } };
  });
  service.route('GET', '/v2.1/os-migrations', 'migrations.list', (call) => {
    requireAdmin(call, 'os_compute_api:os-migrations:index');
    return {
      body: { migrations: listMigrations(nova, call).map((one) => renderMigration(nova, call, one)) },
    };
  });
}

function renderAction(call: Call, server: Server, action: InstanceAction): Record<string, unknown> {
  return {
    action: action.action,
    instance_uuid: server.id,
    request_id: action.requestId,
    user_id: action.userId,
    project_id: action.projectId,
    start_time: isoDatabase(action.startedAt),
    message: action.message,
    ...(call.version >= 58 && { updated_at: isoDatabase(action.updatedAt ?? action.startedAt) }),
  };
}

function listMigrations(nova: Nova, call: Call): Migration[] {
  const query = (key: string): string | undefined => [call.query[key]].flat()[0];
  const [status, server, host] = [query('status'), query('instance_uuid'), query('host')];
  const [source, type] = [query('source_compute'), query('migration_type')];
  const found: Migration[] = [];
  for (const migration of nova.migrations) {
    if (status && migration.status !== status) continue;
    if (server && migration.server.id !== server) continue;
    if (host && migration.source !== host && migration.destination !== host) continue;
    if (source && migration.source !== source) continue;
    if (type && migration.type !== type) continue;
    found.push(migration);
  }
  const limit = Number(query('limit') ?? 1000) || 1000;
  return call.version >= 59 ? found.toReversed().slice(0, limit) : found;
}

function renderMigration(nova: Nova, call: Call, migration: Migration): Record<string, unknown> {
  const { version } = call;
  const live = migration.type === 'live-migration';
  return {
    id: migration.number,
    ...(version >= 59 && { uuid: migration.uuid }),
    ...(version >= 80 && { user_id: migration.userId, project_id: migration.projectId }),
    created_at: isoDatabase(migration.createdAt),
    updated_at: isoDatabase(migration.updatedAt),
    source_compute: migration.source,
    source_node: migration.source,
    dest_compute: migration.destination,
    dest_node: migration.destination,
    dest_host: live || migration.destination === null ? null : '127.0.0.1',
    instance_uuid: migration.server.id,
    old_instance_type_id: migration.oldFlavor,
    new_instance_type_id: migration.newFlavor,
    status: migration.status,
    ...(version >= 23 && {
      migration_type: migration.type,
      links:
        live && ['accepted', 'running'].includes(migration.status)
          ? [
              {
                rel: 'self',
                href: `${nova.service.url}/v2.1/servers/${migration.server.id}/migrations/${migration.number}`,
              },
            ]
          : undefined,
    }),
  };
}
