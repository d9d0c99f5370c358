import { randomBytes, randomUUID } from 'node:crypto';

/** A new UUID with dashes: Nova, Neutron and Glance. */
export const newUuid = (): string => randomUUID();

/** A new UUID without dashes: Keystone. */
export const newHexId = (): string => randomUUID().replaceAll('-', '');

/** A new request id as OpenStack's services write it. */
export const newRequestId = (): string => `req-${randomUUID()}`;

/** A new token: random, in the look of a Fernet token so that clients treat it as one. */
export const newTokenId = (): string => `gAAAAAB${randomBytes(96).toString('base64url')}`;

/** A short random text of lower-case letters and digits (reservation ids, passwords). */
export function randomText(length: number): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
  let text = '';
  for (const byte of randomBytes(length)) text += alphabet[byte % alphabet.length];
  return text;
}

const UUID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/** Whether the text looks like a UUID. */
export const isUuid = (text: string): boolean => UUID.test(text);
