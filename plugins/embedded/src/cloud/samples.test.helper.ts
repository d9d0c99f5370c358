import { readFileSync } from 'node:fs';

/** An exchange recorded with a real OpenStack (Zed). */
export interface Sample {
  request: { method: string; url: string; body: unknown };
  response: { status: number; headers: Record<string, string>; body: unknown };
}

const FOLDER = new URL('../../../../test/fixtures/openstack/', import.meta.url);

/** Reads a recorded exchange. */
export const readSample = (name: string): Sample =>
  JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as Sample;

/** Reads a recorded file of another form. */
export const readRecording = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));

/** Objects whose keys are names that differ from cloud to cloud; only their values are compared. */
const MAPS = new Set(['addresses', 'hosts', 'metadata', 'image_meta']);

/**
 * Where two bodies differ in shape: keys that one has and the other has not, and values of another type.
 * null fits every type; an item of a list is compared with the one of the recording that is most like it.
 */
export function shapeDifferences(real: unknown, ours: unknown, path = '$'): string[] {
  if (real === null || ours === null) return [];
  if (typeof real !== typeof ours || Array.isArray(real) !== Array.isArray(ours)) {
    return [`${path}: ${kind(ours)} in place of ${kind(real)}`];
  }
  if (Array.isArray(real) && Array.isArray(ours)) {
    if (real.length > 0 && ours.length === 0) return [`${path}: the list is empty`];
    return ours.flatMap((item, at) => {
      const found = real.map((other) => shapeDifferences(other, item, `${path}[${at}]`));
      return found.toSorted((a, b) => a.length - b.length)[0] ?? [];
    });
  }
  if (typeof real !== 'object') return [];
  return objectDifferences(real as Record<string, unknown>, ours as Record<string, unknown>, path);
}

function objectDifferences(
  real: Record<string, unknown>,
  ours: Record<string, unknown>,
  path: string,
): string[] {
  const last = path.split('.').at(-1) ?? '';
  if (MAPS.has(last)) {
    const [first] = Object.values(real);
    return Object.entries(ours).flatMap(([key, value]) =>
      shapeDifferences(first, value, `${path}['${key}']`),
    );
  }
  const missing = Object.keys(real).filter((key) => !(key in ours));
  const extra = Object.keys(ours).filter((key) => !(key in real));
  return [
    ...missing.map((key) => `${path}.${key}: is missing`),
    ...extra.map((key) => `${path}.${key}: real clouds do not have it`),
    ...Object.keys(real)
      .filter((key) => key in ours)
      .flatMap((key) => shapeDifferences(real[key], ours[key], `${path}.${key}`)),
  ];
}

const kind = (value: unknown): string => (Array.isArray(value) ? 'a list' : typeof value);
