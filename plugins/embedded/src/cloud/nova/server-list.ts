import { badRequest } from '../http/errors.js';
import type { Call } from '../http/service.js';
import type { Server } from './model.js';
import type { Nova } from './nova.js';
import type { Sequence } from './sequence.js';
import { statusOf } from './status.js';

/** Most servers on a page. */
const MAX_LIMIT = 1000;

/** One page of servers and, when there are more, the marker of the next one. */
export interface Page {
  servers: Server[];
  next: string | undefined;
}

/** Lists servers: filters, sorting, paging. Reads only the index that the filters point at. */
export function listServers(nova: Nova, call: Call, allProjects: boolean): Page {
  const query = new Map(Object.entries(call.query).map(([key, value]) => [key, [value].flat()[0] ?? '']));
  const limit = readLimit(query.get('limit'));
  const marker = query.get('marker');
  const from = marker === undefined || marker === '' ? undefined : nova.servers.get(marker);
  if (marker && from === undefined) throw badRequest(`marker [${marker}] not found`);
  const filters = makeFilters(call, query, allProjects);
  const sortKey = query.get('sort_key');
  const ordered = sortKey !== undefined && sortKey !== 'created_at';
  const ascending = query.get('sort_dir') === 'asc';

  if (ordered || ascending) return sortedPage();
  const servers: Server[] = [];
  for (const server of candidates(nova, call, query, allProjects).newestFirst(from)) {
    if (!filters.every((filter) => filter(server))) continue;
    if (servers.length === limit) return { servers, next: servers.at(-1)?.id };
    servers.push(server);
  }
  return { servers, next: undefined };

  function sortedPage(): Page {
    const all = [...candidates(nova, call, query, allProjects)].filter((server) =>
      filters.every((filter) => filter(server)),
    );
    const sign = ascending ? 1 : -1;
    const value = SORT[sortKey ?? 'created_at'];
    if (value === undefined)
      throw badRequest(`Invalid input for query parameters sort_key. Value: ${sortKey}.`);
    all.sort((a, b) => sign * (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : a.number - b.number));
    const start = from === undefined ? 0 : all.indexOf(from) + 1;
    const page = all.slice(start, start + limit);
    return { servers: page, next: start + limit < all.length ? page.at(-1)?.id : undefined };
  }
}

const SORT: Record<string, (server: Server) => string | number> = {
  created_at: (server) => server.number,
  updated_at: (server) => server.updatedAt,
  display_name: (server) => server.name,
  uuid: (server) => server.id,
  host: (server) => server.host ?? '',
  vm_state: (server) => server.vmState,
  task_state: (server) => server.taskState ?? '',
  launched_at: (server) => server.launchedAt ?? 0,
  project_id: (server) => server.projectId,
};

function readLimit(text: string | undefined): number {
  if (text === undefined) return MAX_LIMIT;
  if (!/^\d+$/.test(text)) {
    throw badRequest(
      `Invalid input for query parameters limit. Value: ${text}. '${text}' does not match '^[0-9]*$'`,
    );
  }
  return Math.min(Number(text) || MAX_LIMIT, MAX_LIMIT);
}

function candidates(nova: Nova, call: Call, query: Map<string, string>, all: boolean): Sequence<Server> {
  const host = call.token.admin ? query.get('host') : undefined;
  if (host) return nova.servers.ofHost(host);
  const project = call.token.admin ? (query.get('project_id') ?? query.get('tenant_id')) : undefined;
  if (project) return nova.servers.ofProject(project);
  return all ? nova.servers.all() : nova.servers.ofProject(call.token.project?.id ?? '');
}

type Filter = (server: Server) => boolean;

function makeFilters(call: Call, query: Map<string, string>, all: boolean): Filter[] {
  const filters: Filter[] = [];
  const add = (key: string, make: (wanted: string) => Filter): void => {
    const wanted = query.get(key);
    if (wanted !== undefined && wanted !== '') filters.push(make(wanted));
  };
  const { admin, project } = call.token;
  const named = query.get('project_id') ?? query.get('tenant_id');
  if (!all && !(admin && named)) filters.push((server) => server.projectId === project?.id);
  else if (admin && named) filters.push((server) => server.projectId === named);
  if (query.get('deleted') !== undefined && /^(1|true)$/i.test(query.get('deleted') ?? '')) {
    // Deleted servers are not kept.
    if (admin) filters.push(() => false);
  }
  add('name', (wanted) => nameFilter(wanted));
  add('status', (wanted) => (server) => statusOf(server) === wanted.toUpperCase());
  add('vm_state', (wanted) => (server) => server.vmState === wanted);
  add('task_state', (wanted) => (server) => server.taskState === wanted);
  add('uuid', (wanted) => (server) => server.id === wanted);
  add('flavor', (wanted) => (server) => server.flavor.id === wanted);
  add('image', (wanted) => (server) => server.imageId === wanted);
  add('user_id', (wanted) => (server) => server.userId === wanted);
  add('reservation_id', (wanted) => (server) => server.reservationId === wanted);
  add('changes-since', (wanted) => (server) => server.updatedAt >= Date.parse(wanted));
  if (admin) {
    add('host', (wanted) => (server) => server.host === wanted);
    add('node', (wanted) => (server) => server.host === wanted);
  }
  add(
    'ip',
    (wanted) => (server) =>
      server.ports.some((port) => port.fixed_ips.some((fixed) => fixed.ip_address.includes(wanted))),
  );
  return filters;
}

/** Nova matches names as a regular expression. */
function nameFilter(wanted: string): Filter {
  let pattern: RegExp;
  try {
    pattern = new RegExp(wanted);
  } catch {
    return (server) => server.name.includes(wanted);
  }
  return (server) => pattern.test(server.name);
}
