import { createHmac } from 'node:crypto';
import { sameSecret } from './authentication.js';

/** Header of a signed webhook: `t=<seconds since the epoch>,v1=<hex HMAC-SHA256 of "<t>.<body>">`. */
export const SIGNATURE_HEADER = 'x-doctor-signature';

const mac = (secret: string, seconds: string, body: string) =>
  createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');

/** The value of the signature header. @param nowMs wall-clock time, ms since the epoch */
export function signBody(secret: string, body: string, nowMs: number): string {
  const seconds = String(Math.floor(nowMs / 1000));
  return `t=${seconds},v1=${mac(secret, seconds, body)}`;
}

/**
 * Whether `header` is a signature of exactly this body by somebody who knows the secret, made not longer ago than `toleranceMs`
 * (default 5 minutes): an older one may be a replay.
 */
export function verifySignature(
  secret: string,
  body: string,
  header: string | undefined,
  nowMs: number,
  toleranceMs = 300_000,
): boolean {
  const parts = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header ?? '');
  if (!parts?.[1] || !parts[2]) return false;
  if (Math.abs(nowMs - Number(parts[1]) * 1000) > toleranceMs) return false;
  return sameSecret(parts[2], mac(secret, parts[1], body));
}
