import {
  type CloudRequest,
  type CloudSession,
  DoctorError,
  type IdentityController,
  type ProjectOwner,
} from '@nfv-doctor/core/plugin-api';
import { removeRemains } from './project-remains.js';
import { entity, ignoreMissing, segment, withSignal } from './request.js';

interface Named {
  id: string;
  name: string;
}

const PROJECTS = '/v3/projects';
const USERS = '/v3/users';
const ROLES = '/v3/roles';

/** See {@link IdentityController}. */
export class KeystoneController implements IdentityController {
  constructor(private readonly cloud: CloudSession) {}

  async createOwner(
    request: { project: string; user: string; password: string; role?: string },
    signal?: AbortSignal,
  ): Promise<ProjectOwner> {
    const { project: projectName, user: username, password, role = 'member' } = request;
    const roleId = await this.#roleId(role, signal);
    const project = await this.#create('project', PROJECTS, { name: projectName }, signal);
    const owner = await this.#createUser(project.id, { username, password }, roleId, signal);
    const { authUrl, region } = this.cloud.describe();
    return {
      projectId: project.id,
      userId: owner.id,
      credentials: {
        authUrl,
        username,
        userId: owner.id,
        password,
        projectName,
        projectId: project.id,
        ...(region ? { regionName: region } : {}),
      },
    };
  }

  /** The user with its role; when that fails the project goes too, so that nothing is left behind. */
  async #createUser(
    projectId: string,
    { username, password }: { username: string; password: string },
    roleId: string,
    signal: AbortSignal | undefined,
  ): Promise<Named> {
    let user: Named | undefined;
    try {
      const attributes = { name: username, password, default_project_id: projectId };
      user = await this.#create('user', USERS, attributes, signal);
      const path = `${PROJECTS}/${segment(projectId)}/users/${segment(user.id)}/roles/${segment(roleId)}`;
      await this.#send({ method: 'PUT', path }, signal);
      return user;
    } catch (error) {
      await this.#remove(user?.id, projectId).catch(() => {});
      throw error;
    }
  }

  async deleteOwner({ userId, projectId }: ProjectOwner, signal?: AbortSignal): Promise<void> {
    await this.#removeUser(userId, signal);
    // the user is gone: nobody makes Neutron set up the project anew
    const [remains] = await Promise.allSettled([removeRemains(this.cloud, projectId, signal)]);
    await this.#removeProject(projectId, signal);
    if (remains.status === 'rejected') throw remains.reason;
  }

  async #remove(userId: string | undefined, projectId: string): Promise<void> {
    if (userId) await this.#removeUser(userId);
    await this.#removeProject(projectId);
  }

  #removeUser(userId: string, signal?: AbortSignal): Promise<void> {
    return ignoreMissing(this.#send({ method: 'DELETE', path: `${USERS}/${segment(userId)}` }, signal));
  }

  #removeProject(projectId: string, signal?: AbortSignal): Promise<void> {
    return ignoreMissing(this.#send({ method: 'DELETE', path: `${PROJECTS}/${segment(projectId)}` }, signal));
  }

  async projects(signal?: AbortSignal): Promise<{ id: string; name: string }[]> {
    const { body } = await this.#send<{ projects?: Named[] }>({ method: 'GET', path: PROJECTS }, signal);
    return (body?.projects ?? []).map(({ id, name }) => ({ id, name }));
  }

  async #roleId(name: string, signal: AbortSignal | undefined): Promise<string> {
    const { body } = await this.#send<{ roles?: Named[] }>({ method: 'GET', path: ROLES }, signal);
    const roles = body?.roles ?? [];
    const found = roles.find((role) => role.name.toLowerCase() === name.toLowerCase());
    if (found) return found.id;
    throw new DoctorError(
      'CLOUD_NOT_FOUND',
      `Keystone has no role ${name}; it has: ${roles.map((role) => role.name).join(', ')}`,
    );
  }

  async #create(key: string, path: string, attributes: object, signal: AbortSignal | undefined) {
    const json = { [key]: { ...attributes, enabled: true } };
    const { body } = await this.#send({ method: 'POST', path, json }, signal);
    return entity<Named>(body, key, `POST ${path}`);
  }

  #send<T>(request: CloudRequest, signal: AbortSignal | undefined) {
    return this.cloud.request<T>('identity', { ...request, ...withSignal(signal) });
  }
}
