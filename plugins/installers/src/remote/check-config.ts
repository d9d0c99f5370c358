import { DoctorError, Type } from '@nfv-doctor/core/plugin-api';
import { Value } from '@sinclair/typebox/value';
import { SETTING_NAMES, type SettingName } from '../settings/index.js';
import type { Tunnel } from '../ssh/index.js';
import type { RemoteConfig } from './config.js';

/** What the configuration says, where its schema cannot check it. */
export interface CheckedConfig {
  settings: SettingName[];
  paths: Partial<Record<SettingName, string[]>>;
  services: Partial<Record<SettingName, string[]>>;
  tunnels: Tunnel[];
  controllers: RegExp;
  computes: RegExp;
}

const Port = Type.Integer({ minimum: 1, maximum: 65_535 });
const TunnelSchema = Type.Object(
  {
    port: Port,
    listen_port: Type.Optional(Port),
    listen_address: Type.Optional(Type.String({ minLength: 1 })),
  },
  { additionalProperties: false },
);

const invalid = (key: string, what: string) => new DoctorError('CONFIG_INVALID', `installer.${key}: ${what}`);

/** @throws DoctorError CONFIG_INVALID that names the key */
export function checkConfig(config: RemoteConfig, machine: string): CheckedConfig {
  if (config.address === '')
    throw invalid('address', `must be set to the ${machine}'s address (or INSTALLER_IP)`);
  return {
    settings: config.settings.map((name) => settingName(name, 'settings')),
    paths: listsOf(config.setting_paths, 'setting_paths'),
    services: listsOf(config.setting_services, 'setting_services'),
    tunnels: config.tunnels.map((entry, index) => tunnelOf(entry, index)),
    controllers: expression(config.controllers, 'controllers'),
    computes: expression(config.computes, 'computes'),
  };
}

function settingName(name: string, key: string): SettingName {
  const found = SETTING_NAMES.find((each) => each === name);
  if (found === undefined) throw invalid(key, `there is no ${name}; must be of: ${SETTING_NAMES.join(', ')}`);
  return found;
}

function listsOf(value: Record<string, unknown>, key: string): Partial<Record<SettingName, string[]>> {
  return Object.fromEntries(
    Object.entries(value).map(([name, list]) => {
      settingName(name, key);
      if (!Array.isArray(list) || list.length === 0 || !list.every((each) => typeof each === 'string'))
        throw invalid(`${key}.${name}`, 'must be a list of texts');
      return [name, list as string[]];
    }),
  );
}

function tunnelOf(entry: unknown, index: number): Tunnel {
  if (!Value.Check(TunnelSchema, entry)) {
    const first = Value.Errors(TunnelSchema, entry).First();
    throw invalid(
      `tunnels[${index}]${first?.path.replaceAll('/', '.') ?? ''}`,
      first?.message ?? 'is no tunnel',
    );
  }
  const { port, listen_port: listenPort = port, listen_address: listenAddress } = entry;
  return { direction: 'remote', listenPort, port, ...(listenAddress === undefined ? {} : { listenAddress }) };
}

function expression(text: string, key: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw invalid(key, (error as Error).message);
  }
}
