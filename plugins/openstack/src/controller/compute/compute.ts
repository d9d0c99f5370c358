import type {
  CloudSession,
  ComputeController,
  ComputeQuota,
  CreateInstance,
  Flavor,
  Host,
  Instance,
  InstanceFilter,
  ServerGroup,
} from '@nfv-doctor/core/plugin-api';
import {
  type NovaFlavor,
  type NovaQuota,
  type NovaServerGroup,
  toFlavor,
  toQuota,
  toServerGroup,
} from '../mapping/compute.js';
import { entity, ignoreMissing, withSignal } from '../request.js';
import { Access } from './access.js';
import { Hosts } from './hosts.js';
import { Instances } from './instances.js';
import { Nova } from './nova.js';
import { createFlavorBody, createServerGroupBody } from './requests.js';
import { FLAVORS, flavorUrl, quotaUrl, SERVER_GROUPS, serverGroupUrl } from './urls.js';

/** See {@link ComputeController}. */
export class NovaController implements ComputeController {
  readonly nova: Nova;
  readonly #access: Access;
  readonly #hosts: Hosts;
  readonly #instances: Instances;

  /** @param adminRoles who has one of them sees all projects */
  constructor(cloud: CloudSession, adminRoles: readonly string[]) {
    this.nova = new Nova(cloud);
    this.#hosts = new Hosts(this.nova);
    this.#access = new Access(cloud, adminRoles);
    this.#instances = new Instances(this.nova, this.#hosts, this.#access);
  }

  hosts(signal?: AbortSignal): Promise<Host[]> {
    return this.#hosts.list(signal);
  }
  forceDown(hostname: string, down: boolean, signal?: AbortSignal): Promise<void> {
    return this.#hosts.forceDown(hostname, down, signal);
  }
  setEnabled(hostname: string, enabled: boolean, reason?: string, signal?: AbortSignal): Promise<void> {
    return this.#hosts.setEnabled(hostname, enabled, reason, signal);
  }

  instances(filter?: InstanceFilter, signal?: AbortSignal): Promise<Instance[]> {
    return this.#instances.list(filter, signal);
  }
  instance(id: string, signal?: AbortSignal): Promise<Instance> {
    return this.#instances.get(id, signal);
  }
  createInstance(request: CreateInstance, signal?: AbortSignal): Promise<Instance> {
    return this.#instances.create(request, signal);
  }
  deleteInstance(id: string, signal?: AbortSignal): Promise<void> {
    return this.#instances.delete(id, signal);
  }
  resetState(id: string, state: 'error' | 'active', signal?: AbortSignal): Promise<void> {
    return this.#instances.resetState(id, state, signal);
  }
  migrate(id: string, targetHost?: string, signal?: AbortSignal): Promise<void> {
    return this.#instances.migrate(id, targetHost, signal);
  }
  confirmMigration(id: string, signal?: AbortSignal): Promise<void> {
    return this.#instances.confirmMigration(id, signal);
  }
  liveMigrate(id: string, targetHost?: string, signal?: AbortSignal): Promise<void> {
    return this.#instances.liveMigrate(id, targetHost, signal);
  }

  async flavors(signal?: AbortSignal): Promise<Flavor[]> {
    // `None` shows an administrator the private ones too; others see what they may use
    const query = { is_public: 'None' };
    return (await this.nova.list<NovaFlavor>(`${FLAVORS}/detail`, 'flavors', query, signal)).map(toFlavor);
  }

  async createFlavor(flavor: Omit<Flavor, 'id'>, signal?: AbortSignal): Promise<Flavor> {
    const { body } = await this.nova.request({
      method: 'POST',
      path: FLAVORS,
      json: createFlavorBody(flavor),
      ...withSignal(signal),
    });
    return toFlavor(entity<NovaFlavor>(body, 'flavor', `POST ${FLAVORS}`));
  }

  deleteFlavor(id: string, signal?: AbortSignal): Promise<void> {
    return this.#delete(flavorUrl(id), signal);
  }

  async serverGroups(signal?: AbortSignal): Promise<ServerGroup[]> {
    const isAdmin = await this.#access.isAdmin();
    const groups = new Map<string, ServerGroup>();
    for (;;) {
      const { body } = await this.nova.request<{ server_groups?: NovaServerGroup[] }>({
        method: 'GET',
        path: SERVER_GROUPS,
        query: { all_projects: isAdmin ? 'True' : undefined, offset: groups.size },
        ...withSignal(signal),
      });
      const before = groups.size;
      for (const group of body?.server_groups ?? []) groups.set(group.id, toServerGroup(group));
      // this list has no link to a next page
      if (groups.size === before) return [...groups.values()];
    }
  }

  async createServerGroup(name: string, policy: string, signal?: AbortSignal): Promise<ServerGroup> {
    const { body } = await this.nova.request({
      method: 'POST',
      path: SERVER_GROUPS,
      json: createServerGroupBody(name, policy, await this.nova.atLeast('2.64')),
      ...withSignal(signal),
    });
    return toServerGroup(entity<NovaServerGroup>(body, 'server_group', `POST ${SERVER_GROUPS}`));
  }

  deleteServerGroup(id: string, signal?: AbortSignal): Promise<void> {
    return this.#delete(serverGroupUrl(id), signal);
  }

  async quota(projectId: string, signal?: AbortSignal): Promise<ComputeQuota> {
    const path = quotaUrl(projectId);
    const { body } = await this.nova.request({ method: 'GET', path, ...withSignal(signal) });
    return toQuota(entity<NovaQuota>(body, 'quota_set', `GET ${path}`));
  }

  async setQuota(projectId: string, quota: Partial<ComputeQuota>, signal?: AbortSignal): Promise<void> {
    const { instances, cores, memoryMb: ram } = quota;
    // A server group may hold all instances of its project: Nova's default of ten members would refuse the eleventh.
    const members = instances === undefined ? {} : { server_group_members: instances };
    await this.nova.request({
      method: 'PUT',
      path: quotaUrl(projectId),
      json: { quota_set: { instances, cores, ram, ...members } },
      ...withSignal(signal),
    });
  }

  #delete(path: string, signal?: AbortSignal): Promise<void> {
    return ignoreMissing(this.nova.request({ method: 'DELETE', path, ...withSignal(signal) }));
  }
}
