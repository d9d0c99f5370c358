import { DoctorError } from '../errors/index.js';

/** What an operator can do, by the code of SQLite or PostgreSQL. */
const REASONS: [pattern: RegExp, text: string, retryable: boolean][] = [
  [
    /^SQLITE_(BUSY|LOCKED)|^55P03$/,
    'is locked by another process; stop it, or give this one a folder of its own',
    true,
  ],
  [/^SQLITE_FULL|^53100$/, 'cannot grow: the disk is full; free some space', true],
  [
    /^SQLITE_(READONLY|CANTOPEN|PERM|AUTH)|^25006$|^42501$/,
    'cannot be written; check its folder and permissions',
    false,
  ],
  [/^SQLITE_(CORRUPT|NOTADB)|^XX00[12]$/, 'is damaged or no database; move it away or restore a copy', false],
  [/^SQLITE_IOERR|^58030$/, 'cannot be read or written: input/output error of the disk', true],
  [
    /^ECONN|^ENOTFOUND$|^ETIMEDOUT$|^EAI_AGAIN$|^57P0[123]$|^08/,
    'does not answer; check that the server runs',
    true,
  ],
  [/^28/, 'refused the user or password of store.url', false],
];
const CONSTRAINT = /^SQLITE_CONSTRAINT|^23/;

/**
 * A database's error as a DoctorError: STORE, or CONFLICT when a constraint was violated.
 * @param what names the database
 */
export function storeError(error: unknown, what: string): DoctorError {
  if (DoctorError.is(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  const found = (error as { code?: unknown })?.code;
  // libsql tells of a file that cannot be opened without a code
  const code = typeof found === 'string' ? found : '';
  const detail = { code: /ConnectionFailed.*: 14"?\)?/.test(message) ? 'SQLITE_CANTOPEN' : code };
  if (CONSTRAINT.test(detail.code))
    return new DoctorError('CONFLICT', `${what}: ${message}`, { details: detail, cause: error });
  const reason = REASONS.find(([pattern]) => pattern.test(detail.code));
  return new DoctorError('STORE', reason ? `${what} ${reason[1]} (${message})` : `${what}: ${message}`, {
    details: detail,
    cause: error,
    retryable: reason?.[2] ?? false,
  });
}
