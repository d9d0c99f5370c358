import { badRequest } from '../http/errors.js';
import type { Call } from '../http/service.js';
import { visible } from './neutron.js';
import type { Collection, Resource } from './store.js';

const CONTROL = new Set(['fields', 'limit', 'marker', 'sort_key', 'sort_dir', 'page_reverse']);

/**
 * A list as Neutron gives it: filters on any field (repeated ones are alternatives), `fields`, sorting and paging.
 * A filter on an indexed field decides which items are looked at.
 */
export function listResources<T extends Resource>(
  call: Call,
  collection: Collection<T>,
  key: string,
  render: (item: T) => Record<string, unknown> = (item) => item,
): { body: unknown } {
  const filters = Object.entries(call.query).filter(([field]) => !CONTROL.has(field));
  const found: Record<string, unknown>[] = [];
  for (const item of candidates(call, collection, filters)) {
    if (!visible(call, item) || !filters.every(([field, wanted]) => matches(item, field, wanted))) continue;
    found.push(render(item));
  }
  return { body: page(call, key, found) };
}

function candidates<T extends Resource>(
  call: Call,
  collection: Collection<T>,
  filters: [string, string | string[] | undefined][],
): Iterable<T> {
  const id = call.query['id'];
  if (id !== undefined) {
    return [id]
      .flat()
      .map((one) => collection.get(one))
      .filter((item) => item !== undefined);
  }
  for (const [field, wanted] of filters) {
    const indexed = field === 'tenant_id' ? 'project_id' : field;
    if (!collection.isIndexed(indexed) || wanted === undefined || wanted === '') continue;
    return [wanted].flat().flatMap((value) => [...collection.by(indexed, value)]);
  }
  return collection.values();
}

function matches(item: Resource, field: string, wanted: string | string[] | undefined): boolean {
  if (field === 'fixed_ips') return matchesFixedIp(item, [wanted].flat() as string[]);
  if (field === 'tags') return [wanted].flat().every((tag) => item.tags.includes(String(tag)));
  const value = item[field];
  return [wanted].flat().some((one) => same(value, String(one)));
}

function same(value: unknown, wanted: string): boolean {
  if (typeof value === 'boolean') return /^(true|1)$/i.test(wanted) === value;
  if (value === null || value === undefined) return wanted === '' || wanted === 'None';
  if (Array.isArray(value)) return value.includes(wanted);
  return String(value) === wanted;
}

/** `fixed_ips=ip_address=10.0.0.3` or `subnet_id=…`. */
function matchesFixedIp(item: Resource, wanted: string[]): boolean {
  const fixed = item['fixed_ips'] as Record<string, string>[] | undefined;
  return wanted.some((text) => {
    const [field = '', value = ''] = text.split('=');
    return fixed?.some((address) => address[field] === value) ?? false;
  });
}

function page(call: Call, key: string, found: Record<string, unknown>[]): Record<string, unknown> {
  const { query } = call;
  const sortKey = [query['sort_key']].flat()[0];
  if (sortKey !== undefined) {
    const sign = [query['sort_dir']].flat()[0] === 'desc' ? -1 : 1;
    found.sort((a, b) => sign * compare(a[sortKey], b[sortKey]));
  }
  let items = found;
  const marker = [query['marker']].flat()[0];
  if (marker !== undefined) items = items.slice(items.findIndex((item) => item['id'] === marker) + 1);
  const result: Record<string, unknown> = {};
  const limitText = [query['limit']].flat()[0];
  if (limitText !== undefined) {
    if (!/^\d+$/.test(limitText))
      throw badRequest(`Bad limit request: 'limit' must be an integer 0 or greater and not '${limitText}'`);
    const limit = Number(limitText);
    if (limit > 0 && items.length > limit) {
      items = items.slice(0, limit);
      result[`${key}_links`] = [{ rel: 'next', href: nextPage(call, String(items.at(-1)?.['id'])) }];
    }
  }
  const fields = query['fields'] === undefined ? undefined : [query['fields']].flat();
  result[key] = fields === undefined ? items : items.map((item) => pick(item, fields));
  return result;
}

function nextPage(call: Call, marker: string): string {
  const url = new URL(call.url, `http://${call.headers.host ?? '127.0.0.1'}`);
  url.searchParams.set('marker', marker);
  return url.href;
}

const compare = (a: unknown, b: unknown): number => String(a).localeCompare(String(b));

function pick(item: Record<string, unknown>, fields: string[]): Record<string, unknown> {
  return Object.fromEntries(fields.filter((field) => field in item).map((field) => [field, item[field]]));
}
