import { createHash, timingSafeEqual } from 'node:crypto';
import { newHexId } from '../ids.js';

/** A domain, project, user or role of Keystone. */
export interface Domain {
  id: string;
  name: string;
  description: string;
  enabled: boolean;
}
export interface Project extends Domain {
  domainId: string;
}
export interface User {
  id: string;
  name: string;
  domainId: string;
  enabled: boolean;
  description: string | null;
  email: string | null;
  defaultProjectId: string | null;
  secret: Buffer;
}
export interface Role {
  id: string;
  name: string;
  description: string | null;
  options: Record<string, unknown>;
}
export interface ApplicationCredential {
  id: string;
  name: string;
  description: string | null;
  userId: string;
  projectId: string;
  roleIds: string[];
  expiresAt: number | null;
  unrestricted: boolean;
  secret: Buffer;
}

/** The id of the domain that every deployment has. */
export const DEFAULT_DOMAIN = 'default';
/** Where a role is held: a project's id, `domain:<id>` or `system`. */
export type Target = string;

const digest = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Compares a secret with the stored digest in constant time. */
export const secretMatches = (stored: Buffer, given: string): boolean =>
  timingSafeEqual(stored, digest(given));

/** What Keystone keeps. Secrets are kept as digests. */
export class IdentityStore {
  readonly domains = new Map<string, Domain>();
  readonly projects = new Map<string, Project>();
  readonly users = new Map<string, User>();
  readonly roles = new Map<string, Role>();
  readonly credentials = new Map<string, ApplicationCredential>();
  /** user → target → role ids */
  readonly #grants = new Map<string, Map<Target, Set<string>>>();

  constructor() {
    this.domains.set(DEFAULT_DOMAIN, {
      id: DEFAULT_DOMAIN,
      name: 'Default',
      description: 'The default domain',
      enabled: true,
    });
  }

  addProject(name: string, description = '', domainId = DEFAULT_DOMAIN, enabled = true): Project {
    const project = { id: newHexId(), name, description, enabled, domainId };
    this.projects.set(project.id, project);
    return project;
  }

  addUser(name: string, password: string, fields: Partial<Omit<User, 'id' | 'name' | 'secret'>> = {}): User {
    const user: User = {
      id: newHexId(),
      name,
      domainId: DEFAULT_DOMAIN,
      enabled: true,
      description: null,
      email: null,
      defaultProjectId: null,
      ...fields,
      secret: digest(password),
    };
    this.users.set(user.id, user);
    return user;
  }

  addRole(name: string, options: Record<string, unknown> = {}): Role {
    const role = { id: newHexId(), name, description: null, options };
    this.roles.set(role.id, role);
    return role;
  }

  addCredential(fields: Omit<ApplicationCredential, 'id' | 'secret'>, secret: string): ApplicationCredential {
    const credential = { id: newHexId(), ...fields, secret: digest(secret) };
    this.credentials.set(credential.id, credential);
    return credential;
  }

  setPassword(user: User, password: string): void {
    user.secret = digest(password);
  }

  /** The project, user or role of that name in the domain. */
  projectByName(name: string, domainId = DEFAULT_DOMAIN): Project | undefined {
    return find(this.projects, (project) => project.name === name && project.domainId === domainId);
  }
  userByName(name: string, domainId = DEFAULT_DOMAIN): User | undefined {
    return find(this.users, (user) => user.name === name && user.domainId === domainId);
  }
  roleByName(name: string): Role | undefined {
    return find(this.roles, (role) => role.name === name);
  }
  domainByName(name: string): Domain | undefined {
    return find(this.domains, (domain) => domain.name === name);
  }

  grant(userId: string, target: Target, roleId: string): void {
    const targets = this.#grants.get(userId) ?? new Map<Target, Set<string>>();
    this.#grants.set(userId, targets);
    const roles = targets.get(target) ?? new Set<string>();
    targets.set(target, roles);
    roles.add(roleId);
  }

  /** Takes the role back; false when it was not held. */
  revoke(userId: string, target: Target, roleId: string): boolean {
    const targets = this.#grants.get(userId);
    const roles = targets?.get(target);
    if (roles === undefined || !roles.delete(roleId)) return false;
    if (roles.size === 0) targets?.delete(target);
    return true;
  }

  /** Ids of the roles assigned directly. */
  grants(userId: string, target: Target): ReadonlySet<string> {
    return this.#grants.get(userId)?.get(target) ?? new Set();
  }

  /** Every [user, target, role] there is. */
  *assignments(): Generator<[userId: string, target: Target, roleId: string]> {
    for (const [userId, targets] of this.#grants) {
      for (const [target, roles] of targets) for (const roleId of roles) yield [userId, target, roleId];
    }
  }

  /** Targets at which the user holds any role. */
  targetsOf(userId: string): Target[] {
    return [...(this.#grants.get(userId)?.keys() ?? [])];
  }

  /** The roles with those they imply: admin ⊃ member ⊃ reader, as Keystone's bootstrap sets up. */
  effectiveRoles(roleIds: Iterable<string>): Role[] {
    const found = new Set<Role>();
    for (const id of roleIds) {
      const role = this.roles.get(id);
      if (role !== undefined) this.#addImplied(role, found);
    }
    return [...found];
  }

  #addImplied(role: Role, found: Set<Role>): void {
    found.add(role);
    const implied = role.name === 'admin' ? 'member' : role.name === 'member' ? 'reader' : undefined;
    const next = implied === undefined ? undefined : this.roleByName(implied);
    if (next !== undefined && !found.has(next)) this.#addImplied(next, found);
  }

  removeUser(id: string): void {
    this.users.delete(id);
    this.#grants.delete(id);
    for (const credential of this.credentials.values()) {
      if (credential.userId === id) this.credentials.delete(credential.id);
    }
  }

  removeProject(id: string): void {
    this.projects.delete(id);
    for (const targets of this.#grants.values()) targets.delete(id);
    for (const credential of this.credentials.values()) {
      if (credential.projectId === id) this.credentials.delete(credential.id);
    }
  }

  removeRole(id: string): void {
    this.roles.delete(id);
    for (const targets of this.#grants.values()) for (const roles of targets.values()) roles.delete(id);
  }
}

function find<T>(map: ReadonlyMap<string, T>, wanted: (item: T) => boolean): T | undefined {
  for (const item of map.values()) if (wanted(item)) return item;
  return undefined;
}
