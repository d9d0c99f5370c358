import type { ProjectOwner } from '../../domain/credentials.js';

/** Keystone, as far as the scenarios need it. */
export interface IdentityController {
  /** Creates a project with a user that has the role (default `member`) in it. */
  createOwner(
    request: { project: string; user: string; password: string; role?: string },
    signal?: AbortSignal,
  ): Promise<ProjectOwner>;
  /** Deletes the user and the project; what is not there is no error. */
  deleteOwner(owner: ProjectOwner, signal?: AbortSignal): Promise<void>;
  /** Ids of projects by name. */
  projects(signal?: AbortSignal): Promise<{ id: string; name: string }[]>;
}
