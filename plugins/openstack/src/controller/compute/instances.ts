import {
  type CreateInstance,
  DoctorError,
  type Instance,
  type InstanceFilter,
} from '@nfv-doctor/core/plugin-api';
import { type NovaServer, toInstance } from '../mapping/instance.js';
import { entity, ignoreMissing, type Query, withSignal } from '../request.js';
import type { Access } from './access.js';
import type { Hosts } from './hosts.js';
import type { Nova } from './nova.js';
import { createServerBody, liveMigrateBody, migrateBody, resetStateBody } from './requests.js';
import { actionUrl, SERVERS, serverUrl } from './urls.js';

/** Nova's servers. */
export class Instances {
  constructor(
    private readonly nova: Nova,
    private readonly hosts: Hosts,
    private readonly access: Access,
  ) {}

  async list(filter: InstanceFilter = {}, signal?: AbortSignal): Promise<Instance[]> {
    const all = filter.allProjects ?? (await this.access.isAdmin());
    const servers = await this.nova.list<NovaServer>(
      `${SERVERS}/detail`,
      'servers',
      listQuery(filter, all),
      signal,
    );
    const instances = servers.map(toInstance);
    // Nova's filter is a regular expression of its database
    return filter.name === undefined ? instances : instances.filter(({ name }) => name === filter.name);
  }

  async get(id: string, signal?: AbortSignal): Promise<Instance> {
    const path = serverUrl(id);
    const { body } = await this.nova.request({ method: 'GET', path, ...withSignal(signal) });
    return toInstance(entity<NovaServer>(body, 'server', `GET ${path}`));
  }

  async create(request: CreateInstance, signal?: AbortSignal): Promise<Instance> {
    const zone = request.hostname ? await this.hosts.zone(request.hostname, signal) : undefined;
    const { body } = await this.nova.request({
      method: 'POST',
      path: SERVERS,
      json: createServerBody(request, zone),
      ...withSignal(signal),
    });
    return this.get(entity<NovaServer>(body, 'server', `POST ${SERVERS}`).id, signal);
  }

  delete(id: string, signal?: AbortSignal): Promise<void> {
    return ignoreMissing(this.nova.request({ method: 'DELETE', path: serverUrl(id), ...withSignal(signal) }));
  }

  /** Setting a state that is set changes nothing, so it may be sent again. */
  async resetState(id: string, state: 'error' | 'active', signal?: AbortSignal): Promise<void> {
    await this.#action(id, resetStateBody(state), signal, true);
  }

  async migrate(id: string, targetHost?: string, signal?: AbortSignal): Promise<void> {
    if (targetHost && !(await this.nova.atLeast('2.56')))
      throw new DoctorError(
        'CLOUD_MICROVERSION',
        `cold migration to a chosen host needs microversion 2.56 of compute; this cloud's is ${await this.nova.version()}`,
      );
    await this.#action(id, migrateBody(targetHost), signal);
  }

  async confirmMigration(id: string, signal?: AbortSignal): Promise<void> {
    await this.#action(id, { confirmResize: null }, signal);
  }

  async liveMigrate(id: string, targetHost?: string, signal?: AbortSignal): Promise<void> {
    await this.#action(id, liveMigrateBody(targetHost, await this.nova.atLeast('2.25')), signal);
  }

  async #action(id: string, json: unknown, signal: AbortSignal | undefined, idempotent = false) {
    await this.nova.request({
      method: 'POST',
      path: actionUrl(id),
      json,
      idempotent,
      ...withSignal(signal),
    });
  }
}

function listQuery({ hostname, projectId, name }: InstanceFilter, all: boolean): Query {
  return {
    all_tenants: all ? 1 : undefined,
    host: hostname,
    project_id: projectId,
    name: name === undefined ? undefined : `^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`,
  };
}
