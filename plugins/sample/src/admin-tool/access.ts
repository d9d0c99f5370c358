import { type CloudSession, DoctorError } from '@nfv-doctor/core/plugin-api';

type Headers = Record<string, string | string[] | undefined>;

/** Who calls. */
export interface Caller {
  admin: boolean;
  projectId?: string;
}

export interface AccessOptions {
  /** Undefined: everybody is trusted. */
  session: Pick<CloudSession, 'validate'> | undefined;
  adminRoles: readonly string[];
}

function tokenOf(headers: Headers): string | undefined {
  const header = headers['x-auth-token'];
  if (typeof header === 'string' && header !== '') return header;
  return /^Bearer +(\S+) *$/i.exec(String(headers.authorization ?? ''))?.[1];
}

/** Asks Keystone who calls. @throws DoctorError UNAUTHORIZED */
export async function callerOf(headers: Headers, { session, adminRoles }: AccessOptions): Promise<Caller> {
  if (!session) return { admin: true };
  const token = tokenOf(headers);
  if (!token)
    throw new DoctorError('UNAUTHORIZED', 'a token is missing (X-Auth-Token, or Authorization: Bearer)');
  const info = await session.validate(token);
  if (!info) throw new DoctorError('UNAUTHORIZED', 'Keystone does not know the token, or it has expired');
  const admin = info.roles.some((role) => adminRoles.includes(role));
  return { admin, ...(info.projectId === undefined ? {} : { projectId: info.projectId }) };
}

/** @throws DoctorError FORBIDDEN */
export function requireAdmin(caller: Caller): void {
  if (!caller.admin)
    throw new DoctorError('FORBIDDEN', 'only administrators see and change maintenance sessions');
}

/** @throws DoctorError FORBIDDEN for another project's token */
export function requireProject(caller: Caller, projectId: string): void {
  if (caller.admin || caller.projectId === projectId) return;
  throw new DoctorError('FORBIDDEN', `the token is not of project ${projectId}`);
}
