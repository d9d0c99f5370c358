import { SECRET_KEYS } from '../log/index.js';
import type { EffectiveConfig } from './effective-config.js';
import { MASK } from './secrets.js';
import type { Provenance, Setting } from './sources.js';

/** One value of the effective configuration, fit to be shown. */
export interface ShownSetting {
  key: string;
  /** Secrets are masked. */
  value: unknown;
  /** `--set inspector.mode`, `environment DOCTOR_...`, a file, or `default`. */
  from: string;
}

const SECRET = new Set(SECRET_KEYS);

function maskDeep(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskDeep);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key,
      SECRET.has(key.toLowerCase()) && child !== '' ? MASK : maskDeep(child),
    ]),
  );
}

const isUnset = (value: unknown) => value === undefined || value === null || value === '';

/** The value as it may be shown: secrets masked, units written out. */
export function shownValue({ option, value }: Pick<Setting, 'option' | 'value'>): unknown {
  if (option.sensitive) return isUnset(value) ? '' : MASK;
  if (value === undefined) return null;
  return maskDeep(option.format.print ? option.format.print(value) : value);
}

function origin(from: Provenance): string {
  if (from.kind === 'env') return `environment ${from.name}`;
  return from.kind === 'default' ? 'default' : from.name;
}

/** Every value with where it came from; the files of secrets only where one is used. */
export const describeConfig = (config: EffectiveConfig): ShownSetting[] =>
  config.settings
    .filter(({ option, value }) => option.holds === undefined || value !== '')
    .map((setting) => ({ key: setting.option.key, value: shownValue(setting), from: origin(setting.from) }));

/** Values by section with secrets masked: for reports. */
export function maskedValues(config: EffectiveConfig): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const setting of config.settings) {
    if (setting.option.holds !== undefined) continue;
    let group = root;
    for (const key of setting.option.path.slice(0, -1))
      group = (group[key] ??= {}) as Record<string, unknown>;
    group[setting.option.path.at(-1) ?? ''] = shownValue(setting);
  }
  return root;
}
