/** Keys whose values never reach a log, whatever their case. */
export const SECRET_KEYS = [
  'password',
  'token',
  'secret',
  'application_credential_secret',
  'x-auth-token',
  'x-subject-token',
  'authorization',
  'hmac_secret',
];

const SECRET = new Set(SECRET_KEYS);
const MASK = '***';
/** Deeper than this nothing is logged: it would be a whole client or server. */
const DEEPEST = 6;

/** A copy with secrets masked by their keys, at any depth. */
export function maskSecrets(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof URL) return withoutPassword(value);
  if ('toJSON' in value) return value;
  if (value instanceof Error) return depth === 0 ? value : describeError(value, depth);
  if (depth > DEEPEST) return '…';
  if (Array.isArray(value)) return value.map((item) => maskSecrets(item, depth + 1));
  const entries = Object.entries(value).map(([key, child]) => [
    key,
    SECRET.has(key.toLowerCase()) && child !== undefined && child !== ''
      ? MASK
      : maskSecrets(child, depth + 1),
  ]);
  return Object.fromEntries(entries);
}

function withoutPassword(url: URL): string {
  if (url.password === '') return url.href;
  const copy = new URL(url);
  copy.password = MASK;
  return copy.href;
}

/** What is worth knowing of an error. Not its other properties: libraries hang requests with all their headers on them. */
export function describeError(error: Error, depth = 0): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  const { code, details } = error as { code?: unknown; details?: unknown };
  return {
    type: name,
    message,
    ...(code === undefined ? {} : { code }),
    ...(details === undefined ? {} : { details: maskSecrets(details, depth + 1) }),
    stack,
    ...(cause instanceof Error && depth < DEEPEST ? { cause: describeError(cause, depth + 1) } : {}),
  };
}
