import { type CloudSession, DoctorError, tokenOf } from '@nfv-doctor/core/plugin-api';
import type { Caller } from '../alarms/alarm-book.js';

type Headers = Record<string, string | string[] | undefined>;

/** Finds out who calls the API. */
export interface Callers {
  authenticate(headers: Headers): Promise<boolean>;
  of(headers: Headers): Promise<Caller>;
  /** As `of`, for what is to belong to a project: may ask the cloud which is Doctor's own. */
  creator(headers: Headers): Promise<Caller>;
}

/**
 * With Keystone the token's project owns what it creates, and role `admin` sees all. Without it whoever may call at all may
 * act for any project.
 */
export function createCallers(
  auth: string,
  notifier: { callerOf(): Promise<Caller> },
  session: CloudSession | undefined,
): Callers {
  // the session caches its answers, so that asking twice per request costs nothing
  const validate = async (headers: Headers) => {
    const token = tokenOf(headers);
    return token === undefined ? undefined : session?.validate(token);
  };
  const byToken = async (headers: Headers): Promise<Caller> => {
    const info = await validate(headers);
    if (!info) throw new DoctorError('UNAUTHORIZED', 'the token is not valid');
    return { projectId: info.projectId ?? '', userId: info.userId, admin: info.roles.includes('admin') };
  };
  const anybody: Caller = { projectId: '', userId: '', admin: true };
  return {
    authenticate: async (headers) => (await validate(headers)) !== undefined,
    of: async (headers) => (auth === 'keystone' ? byToken(headers) : anybody),
    creator: async (headers) => (auth === 'keystone' ? byToken(headers) : notifier.callerOf()),
  };
}
