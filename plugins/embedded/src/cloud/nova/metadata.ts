import { isObject } from '../http/body.js';
import { badRequest } from '../http/errors.js';

/** Metadata: an object of texts, else 400. */
export function readMetadata(given: unknown): Record<string, string> {
  if (given === undefined || given === null) return {};
  if (!isObject(given)) throw badRequest('Invalid input for field/attribute metadata: it must be an object.');
  for (const [key, value] of Object.entries(given)) {
    if (typeof value !== 'string') {
      throw badRequest(
        `Invalid input for field/attribute ${key}. Value: ${String(value)}. It is not of type 'string'`,
      );
    }
  }
  return given as Record<string, string>;
}
