import { badRequest } from '../http/errors.js';
import { objectField, optionalText, textField } from '../http/body.js';
import type { Call } from '../http/service.js';
import { readMetadata } from './metadata.js';
import { addServerCreate } from './server-create.js';
import { deleteServer } from './boot.js';
import { conflict, policyDenies } from './errors.js';
import type { Server } from './model.js';
import { findServer, type Nova, recordAction } from './nova.js';
import { renderServer, renderShort } from './render-server.js';
import { listServers } from './server-list.js';

export function addServerRoutes(nova: Nova): void {
  const { service } = nova;
  addServerCreate(nova);
  for (const [path, detail] of [
    ['/v2.1/servers', false],
    ['/v2.1/servers/detail', true],
  ] as const) {
    service.route('GET', path, detail ? 'servers.detail' : 'servers.list', (call) => {
      const all = allTenants(call);
      if (all && !call.token.admin) {
        throw policyDenies(`os_compute_api:servers:${detail ? 'detail' : 'index'}:get_all_tenants`);
      }
      const { servers, next } = listServers(nova, call, all);
      const render = (server: Server): unknown =>
        detail ? renderServer(nova, call, server, false) : renderShort(nova, server);
      return {
        body: { servers: servers.map(render), ...(next && { servers_links: nextLink(nova, call, next) }) },
      };
    });
  }
  service.route('GET', '/v2.1/servers/:id', 'servers.get', (call) => ({
    body: { server: renderServer(nova, call, findServer(nova, call), true) },
  }));
  service.route('PUT', '/v2.1/servers/:id', 'servers.update', (call) => {
    const server = findServer(nova, call);
    const given = objectField(call.body, 'server');
    if ('name' in given) server.name = textField(given, 'name');
    if ('description' in given && call.version >= 19)
      server.description = optionalText(given, 'description') ?? null;
    server.updatedAt = nova.clock.now();
    return { body: { server: renderServer(nova, call, server, true) } };
  });
  service.route('DELETE', '/v2.1/servers/:id', 'servers.delete', (call) => {
    const server = findServer(nova, call);
    requireUnlocked(call, server);
    recordAction(nova, server, 'delete', call);
    deleteServer(nova, server, call);
    return { status: 204 };
  });
  addMetadataRoutes(nova);
}

function addMetadataRoutes(nova: Nova): void {
  const { service } = nova;
  const path = '/v2.1/servers/:id/metadata';
  service.route('GET', path, 'servers.metadata', (call) => ({
    body: { metadata: findServer(nova, call).metadata },
  }));
  for (const method of ['POST', 'PUT']) {
    service.route(method, path, 'servers.update_metadata', (call) => {
      const server = findServer(nova, call);
      const given = readMetadata(objectField(call.body, 'metadata'));
      server.metadata = method === 'PUT' ? given : { ...server.metadata, ...given };
      return { body: { metadata: server.metadata } };
    });
  }
  service.route('DELETE', `${path}/:key`, 'servers.delete_metadata', (call) => {
    const { [call.params['key'] ?? '']: _, ...rest } = findServer(nova, call).metadata;
    findServer(nova, call).metadata = rest;
    return { status: 204 };
  });
}

/** 409 when the server is locked, for everybody but admins. */
export function requireUnlocked(call: Call, server: Server): void {
  if (server.locked && !call.token.admin) throw conflict(`Instance ${server.id} is locked`);
}

function allTenants(call: Call): boolean {
  const value = [call.query['all_tenants'] ?? call.query['all_projects']].flat()[0];
  if (value === undefined) return false;
  // `?all_tenants` without a value means yes.
  if (value === '') return true;
  if (/^(1|true|yes|on|t|y)$/i.test(value)) return true;
  if (/^(0|false|no|off|f|n)$/i.test(value)) return false;
  throw badRequest(`Invalid value '${value}' for all_tenants`);
}

function nextLink(nova: Nova, call: Call, marker: string): unknown[] {
  const url = new URL(call.url, nova.service.url);
  url.searchParams.set('marker', marker);
  return [{ rel: 'next', href: url.href }];
}
