import { DoctorError } from '../errors/index.js';
import type { ConfigOption, ConfigSchema } from '../plugin-api/define-plugin.js';
import { type Format, formatOf } from './formats.js';

/** One option of the whole configuration: a leaf of a schema with its place. */
export interface Option {
  readonly path: readonly string[];
  /** `inspector.mode`. */
  readonly key: string;
  readonly doc: string;
  readonly format: Format;
  readonly default: unknown;
  /** Environment variables, the first that is set counts. */
  readonly env: readonly string[];
  readonly sensitive: boolean;
  /** On the twin of a secret: the key of the secret that the file holds. */
  readonly holds?: string;
}

/** Is this node of a schema an option (and not a group of options)? */
export const isOption = (node: unknown): node is ConfigOption =>
  typeof node === 'object' &&
  node !== null &&
  'format' in node &&
  typeof (node as ConfigOption).doc === 'string';

const envName = (path: readonly string[]) =>
  `DOCTOR_${path
    .join('_')
    .replace(/[^a-z0-9]+/gi, '_')
    .toUpperCase()}`;

function makeOption(path: readonly string[], node: ConfigOption): Option {
  const key = path.join('.');
  const format = formatOf(node.format);
  if (!format)
    throw new DoctorError(
      'PLUGIN_CONFIG',
      `the schema of ${key} names an unknown format (${String(node.format)})`,
    );
  const automatic = envName(path);
  return {
    path,
    key,
    doc: node.doc,
    format,
    default: checkDefault(key, format, node.default),
    env: node.env && node.env !== automatic ? [automatic, node.env] : [automatic],
    sensitive: node.sensitive === true,
  };
}

function checkDefault(key: string, format: Format, value: unknown): unknown {
  if (value === undefined || value === null) return value;
  try {
    return format.parse(value);
  } catch (error) {
    throw new DoctorError(
      'PLUGIN_CONFIG',
      `the default of ${key} does not fit its own format: must be ${(error as Error).message}`,
    );
  }
}

/** Every secret may stand in a file of its own. */
const fileTwin = (secret: Option): Option => {
  const path = [...secret.path.slice(0, -1), `${secret.path.at(-1)}_file`];
  return {
    path,
    key: path.join('.'),
    doc: `file that holds ${secret.key}`,
    format: formatOf('path') as Format,
    default: '',
    env: [envName(path)],
    sensitive: false,
    holds: secret.key,
  };
};

/**
 * The options of a section, in the order of its schema.
 * @throws DoctorError PLUGIN_CONFIG when it is no schema
 */
export function flattenSchema(schema: unknown, path: readonly string[]): Option[] {
  if (isOption(schema)) {
    const option = makeOption(path, schema);
    return option.sensitive ? [option, fileTwin(option)] : [option];
  }
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
    throw new DoctorError(
      'PLUGIN_CONFIG',
      `the schema of ${path.join('.')} is neither an option ({doc, format, default}) nor a group of options`,
    );
  return Object.entries(schema as ConfigSchema).flatMap(([key, node]) => {
    if (!/^[a-z][a-z0-9_]*$/.test(key))
      throw new DoctorError('PLUGIN_CONFIG', `the key ${[...path, key].join('.')} is not snake_case`);
    return flattenSchema(node, [...path, key]);
  });
}
