import type { CloudSession } from '@nfv-doctor/core/plugin-api';
import type { Query } from './request.js';

/** A list that comes in pages: the items are under `key`, a link `<key>_links` with rel `next` says that there are more. */
export interface ListRequest {
  service: 'compute' | 'network';
  path: string;
  key: string;
  query?: Query;
  microversion?: string;
  signal?: AbortSignal | undefined;
}

/** Items asked for at a time; Nova's own limit (`max_limit`) is 1,000 by default and may be lower. */
const PAGE = 1_000;

interface Item {
  id?: string | number;
}

/** All pages, by marker. */
export async function listAll<T extends Item>(cloud: CloudSession, request: ListRequest): Promise<T[]> {
  const { service, path, key, query, microversion, signal } = request;
  const items: T[] = [];
  let marker: string | undefined;
  for (;;) {
    const { body } = await cloud.request<Record<string, unknown>>(service, {
      method: 'GET',
      path,
      query: { ...query, limit: PAGE, marker },
      ...(microversion ? { microversion } : {}),
      ...(signal ? { signal } : {}),
    });
    const page = (body?.[key] ?? []) as T[];
    for (const item of page) items.push(item);
    const last = page.at(-1)?.id;
    if (last === undefined || String(last) === marker || !hasNext(body?.[`${key}_links`])) return items;
    marker = String(last);
  }
}

const hasNext = (links: unknown) =>
  Array.isArray(links) && links.some((link: { rel?: string }) => link?.rel === 'next');
