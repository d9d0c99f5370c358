import convict from 'convict';
import { combineErrors, DoctorError } from '../errors/index.js';
import { NAMED_FORMATS } from './formats.js';
import type { Option } from './options.js';
import { absolutePath, readSecretFiles } from './secrets.js';
import { type Setting, type Sources, settle, valueAt } from './sources.js';
import { unknownKeys } from './unknown-keys.js';
import { unknownVariables } from './unknown-variables.js';

/** The configuration of one Doctor: checked, frozen, each value with its origin. */
export interface EffectiveConfig {
  /** Nested values by section; deeply frozen. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly settings: readonly Setting[];
  /** What is no error but probably not meant, a line each. */
  readonly warnings: readonly string[];
  /** The values of one section. */
  section<T = Readonly<Record<string, unknown>>>(name: string): T;
}

/**
 * Finds and checks the values of all options.
 * @throws DoctorError with all problems at once (`problemsOf`)
 */
export function buildConfig(
  options: readonly Option[],
  sources: Sources,
  { earlier = [], opaque }: { earlier?: readonly DoctorError[]; opaque?: ReadonlySet<string> } = {},
): EffectiveConfig {
  const problems = [...earlier, ...unknownKeys(sources, options, opaque)];
  const given = options.map((option) => withAbsolutePath(settle(option, sources, problems)));
  const settings = readSecretFiles(given, problems);
  if (problems.length > 0) throw combineErrors(problems);
  const values = deepFreeze(checkedValues(settings));
  const warnings = unknownVariables(sources.env, options);
  return {
    values,
    settings,
    warnings,
    section: (name) => (valueAt(values, [name]) ?? Object.freeze({})) as never,
  };
}

const withAbsolutePath = (setting: Setting): Setting =>
  setting.option.format === NAMED_FORMATS.path && typeof setting.value === 'string'
    ? { ...setting, value: absolutePath(setting.value, setting.from) }
    : setting;

/** convict puts the sections together and checks the whole a last time, strictly. */
function checkedValues(settings: readonly Setting[]): Record<string, unknown> {
  const shown = settings.filter((setting) => setting.option.holds === undefined);
  const schema: Record<string, unknown> = {};
  for (const setting of shown) place(schema, setting);
  const config = convict(schema as convict.Schema<Record<string, unknown>>, { env: {}, args: [] });
  for (const { option, value } of shown) config.set(option.key, value);
  try {
    config.validate({ allowed: 'strict' });
  } catch (error) {
    throw new DoctorError('CONFIG_INVALID', (error as Error).message.split('\n')[0] ?? '', { cause: error });
  }
  return config.getProperties();
}

/** Without a default, for convict would convert texts by the type of it ("12abc" to 12). */
function place(schema: Record<string, unknown>, { option, value: settled }: Setting): void {
  let group = schema;
  for (const key of option.path.slice(0, -1)) group = (group[key] ??= {}) as Record<string, unknown>;
  group[option.path.at(-1) ?? ''] = {
    doc: option.doc,
    default: isMapping(settled) ? {} : undefined,
    nullable: true,
    sensitive: option.sensitive,
    format: (value: unknown) => {
      if (value !== undefined) option.format.parse(value);
    },
  };
}

const isMapping = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) deepFreeze(child);
  }
  return value;
}
