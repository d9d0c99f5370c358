import { isIP } from 'node:net';
import { formatBytes, formatDuration, parseBytes, parseDuration } from '../domain/units.js';

/** A value does not fit its format. The message is what is allowed: `must be a port from 0 to 65535`. */
export class FormatError extends Error {}

/** What a format accepts. */
export interface Format {
  /** Completes the sentence "must be ...". */
  readonly expected: string;
  /** JSON Schema of what may stand in a file. */
  readonly jsonSchema: Record<string, unknown>;
  /** The value to use; throws FormatError. */
  parse(value: unknown): unknown;
  /** The value that a text from the command line or the environment stands for; default: the text. */
  fromText?(text: string): unknown;
  /** As it is written in a file; default: the value. */
  print?(value: unknown): unknown;
}

const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  1: true,
  false: false,
  no: false,
  off: false,
  0: false,
};

const numberFromText = (text: string): unknown =>
  /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : text;
const listFromText = (text: string): unknown => {
  const trimmed = text.trim();
  if (trimmed.startsWith('[')) return jsonFromText(trimmed);
  return trimmed === '' ? [] : trimmed.split(',').map((item) => item.trim());
};
function jsonFromText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

interface CheckedFormat {
  expected: string;
  jsonSchema: Record<string, unknown>;
  accepts: (value: unknown) => boolean;
  fromText?: (text: string) => unknown;
}
const checked = ({ accepts, ...rest }: CheckedFormat): Format => ({
  ...rest,
  parse(value) {
    if (!accepts(value)) throw new FormatError(rest.expected);
    return value;
  },
});
const integer = (expected: string, minimum?: number, maximum?: number): Format =>
  checked({
    expected,
    jsonSchema: {
      type: 'integer',
      ...(minimum === undefined ? {} : { minimum }),
      ...(maximum === undefined ? {} : { maximum }),
    },
    accepts: (value) =>
      Number.isSafeInteger(value) &&
      (value as number) >= (minimum ?? Number.MIN_SAFE_INTEGER) &&
      (value as number) <= (maximum ?? Number.MAX_SAFE_INTEGER),
    fromText: numberFromText,
  });
const isText = (value: unknown): value is string => typeof value === 'string';
const isUrl = (value: unknown): boolean =>
  isText(value) && URL.canParse(value) && /^[a-z+]+:\/\//i.test(value);

const withUnit = (
  expected: string,
  parse: (text: string) => number | undefined,
  print: (value: number) => string,
): Format => ({
  expected,
  jsonSchema: { anyOf: [{ type: 'string' }, { type: 'number', minimum: 0 }] },
  fromText: numberFromText,
  print: (value) => (typeof value === 'number' ? print(value) : value),
  parse(value) {
    const found = isText(value) ? parse(value) : value;
    if (typeof found !== 'number' || !Number.isFinite(found) || found < 0) throw new FormatError(expected);
    return found;
  },
});

/** The formats that a schema may name. */
export const NAMED_FORMATS: Readonly<Record<string, Format>> = {
  duration: withUnit('a duration such as "100ms", "3 min" or "1h"', parseDuration, formatDuration),
  bytes: withUnit('a size such as "512 kB" or "1 MiB"', parseBytes, formatBytes),
  port: integer('a port from 0 (any free one) to 65535', 0, 65_535),
  int: integer('a whole number'),
  nat: integer('a whole number from 0', 0),
  count: integer('a whole number from 1', 1),
  ratio: checked({
    expected: 'a number from 0 to 1',
    jsonSchema: { type: 'number', minimum: 0, maximum: 1 },
    accepts: (value) => typeof value === 'number' && value >= 0 && value <= 1,
    fromText: numberFromText,
  }),
  url: checked({
    expected: 'a URL such as "http://127.0.0.1:8080"',
    jsonSchema: { type: 'string', format: 'uri' },
    accepts: isUrl,
  }),
  url_or_empty: checked({
    expected: 'a URL such as "http://127.0.0.1:8080", or empty',
    jsonSchema: { anyOf: [{ type: 'string', format: 'uri' }, { const: '' }] },
    accepts: (value) => value === '' || isUrl(value),
  }),
  ip: checked({
    expected: 'an IPv4 or IPv6 address',
    jsonSchema: {
      anyOf: [
        { type: 'string', format: 'ipv4' },
        { type: 'string', format: 'ipv6' },
      ],
    },
    accepts: (value) => isText(value) && isIP(value) !== 0,
  }),
  path: checked({
    expected: 'the path of a file or folder',
    jsonSchema: { type: 'string' },
    accepts: (value) => isText(value) && !value.includes('\0'),
  }),
  strings: checked({
    expected: 'a list of texts',
    jsonSchema: { type: 'array', items: { type: 'string' } },
    accepts: (value) => Array.isArray(value) && value.every(isText),
    fromText: listFromText,
  }),
  string: checked({ expected: 'a text', jsonSchema: { type: 'string' }, accepts: isText }),
  number: checked({
    expected: 'a number',
    jsonSchema: { type: 'number' },
    accepts: (value) => typeof value === 'number' && Number.isFinite(value),
    fromText: numberFromText,
  }),
  boolean: checked({
    expected: 'true or false',
    jsonSchema: { type: 'boolean' },
    accepts: (value) => typeof value === 'boolean',
    fromText: (text) => BOOLEANS[text.trim().toLowerCase()] ?? text,
  }),
  array: checked({
    expected: 'a list',
    jsonSchema: { type: 'array' },
    accepts: Array.isArray,
    fromText: listFromText,
  }),
  object: checked({
    expected: 'a mapping of keys to values',
    jsonSchema: { type: 'object' },
    accepts: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    fromText: jsonFromText,
  }),
};

const quoted = (value: unknown) => (isText(value) ? `"${value}"` : String(value));

/** One of the values given. */
const oneOf = (allowed: readonly unknown[]): Format =>
  checked({
    expected: `one of ${allowed.map(quoted).join(', ')}`,
    jsonSchema: { enum: [...allowed] },
    accepts: (value) => allowed.includes(value),
    fromText: (text) => allowed.find((value) => String(value) === text.trim()) ?? text,
  });

/** A function of one's own that throws when it does not like the value. */
const own = (validate: (value: unknown) => void): Format => ({
  expected: 'valid',
  jsonSchema: {},
  fromText: jsonFromText,
  parse(value) {
    try {
      validate(value);
    } catch (error) {
      throw new FormatError(error instanceof Error ? error.message : String(error));
    }
    return value;
  },
});

const NATIVE = new Map<unknown, string>([
  [String, 'string'],
  [Number, 'number'],
  [Boolean, 'boolean'],
  [Array, 'array'],
  [Object, 'object'],
]);

const named = (name: string): Format | undefined =>
  Object.hasOwn(NAMED_FORMATS, name) ? NAMED_FORMATS[name] : undefined;

/** The format that a schema's `format` stands for; undefined when there is no such format. */
export function formatOf(format: unknown): Format | undefined {
  const native = NATIVE.get(format);
  if (native) return named(native);
  if (isText(format)) return named(format.toLowerCase());
  if (Array.isArray(format)) return oneOf(format);
  return typeof format === 'function' ? own(format as (value: unknown) => void) : undefined;
}
