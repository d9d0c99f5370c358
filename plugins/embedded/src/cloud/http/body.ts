import { badRequest } from './errors.js';

/** A JSON object whose fields are not known yet. */
export type Json = Record<string, unknown>;

/** Whether the value is a JSON object (no array, no null). */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object `key` of a request body, or 400. */
export function objectField(body: unknown, key: string): Json {
  const value = isObject(body) ? body[key] : undefined;
  if (isObject(value)) return value;
  throw badRequest(`Invalid input: the body must be an object with the object '${key}'.`);
}

/** A text field, or 400 in the words of OpenStack's JSON Schema validation. */
export function textField(body: Json, key: string): string {
  const value = body[key];
  if (value === undefined) throw badRequest(`'${key}' is a required property`);
  if (typeof value === 'string') return value;
  throw invalidField(key, value, "is not of type 'string'");
}

/** A text field that may be missing or null. */
export function optionalText(body: Json, key: string): string | undefined {
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  return textField(body, key);
}

/** An integer, given as number or as digits, or the fallback when missing. */
export function integerField(body: Json, key: string, fallback?: number): number {
  const value = body[key] ?? fallback;
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number;
  if (value === undefined) throw badRequest(`'${key}' is a required property`);
  throw invalidField(key, value, "is not of type 'integer'");
}

/** Nova's wording for a field of the wrong form. */
export function invalidField(key: string, value: unknown, why: string): Error {
  return badRequest(
    `Invalid input for field/attribute ${key}. Value: ${pythonRepr(value, false)}. ${pythonRepr(value)} ${why}`,
  );
}

/** A value as Python prints it: OpenStack's messages carry it so. */
function pythonRepr(value: unknown, quoted = true): string {
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'string') return quoted ? `'${value}'` : value;
  if (Array.isArray(value)) return `[${value.map((item) => pythonRepr(item)).join(', ')}]`;
  if (isObject(value)) {
    return `{${Object.entries(value)
      .map(([key, item]) => `'${key}': ${pythonRepr(item)}`)
      .join(', ')}}`;
  }
  return String(value);
}

const TRUE = new Set(['1', 't', 'true', 'on', 'y', 'yes']);
const FALSE = new Set(['0', 'f', 'false', 'off', 'n', 'no']);

/** A boolean, or text that oslo.utils reads as one. `undefined` when it is neither. */
export function readBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const text = String(value).trim().toLowerCase();
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  return undefined;
}
