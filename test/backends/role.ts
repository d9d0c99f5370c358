import type { Plugin, Role } from '@nfv-doctor/core';
import { startWeatherProxy, type WeatherProxy } from '@nfv-doctor/core/testing';
import { type RecordedCloud, recordedCloud } from './recorded-cloud.js';

/** A role of a plugin, not started, whose backend is an emulator behind a proxy. */
export interface RoleOnEmulator<R extends Role> {
  role: R;
  proxy: WeatherProxy;
  cloud: RecordedCloud;
  /** Past the proxy. */
  ask(method: string, path: string, json?: unknown): Promise<unknown>;
  close(): Promise<void>;
}

export interface RoleOptions {
  /** Its only provider is made. */
  plugin: Plugin;
  emulator: string;
  /** Service type in the catalog. */
  service: string;
  config?: Record<string, unknown>;
  installer?: Record<string, unknown>;
  without?: readonly string[];
  session?: Record<string, unknown>;
}

/** Requests fail quickly: tests of bad weather make many of them. */
const SESSION = { retries: 1, retry_delay: 1, retry_max_delay: 10, timeout: 10_000 };
/** For tests in which nobody answers. */
export const IMPATIENT = { timeout: 2_000 };

export async function roleOnEmulator<R extends Role>(options: RoleOptions): Promise<RoleOnEmulator<R>> {
  const { plugin, emulator, service, config = {}, installer, without = [], session: own } = options;
  const cloud = await recordedCloud({ emulators: [emulator], ...installer }, undefined, undefined, {
    ...SESSION,
    ...own,
  });
  const { doctor } = cloud;
  const session = doctor.role('cloud');
  const proxy = await startWeatherProxy((await session.endpoint(service)).href);
  const [provider] = plugin.provides;
  if (!provider) throw new Error(`${plugin.manifest.name} provides nothing`);
  const defaults = Object.fromEntries(
    Object.entries((provider.config ?? {}) as Record<string, { default: unknown }>).map(([key, option]) => [
      key,
      option.default,
    ]),
  );
  const given: Record<string, unknown> = {
    cloud: session.as({ endpointOverrides: { [service]: proxy.url } }),
    clock: doctor.clock,
    events: doctor.events,
    run: doctor.run,
    controller: doctor.role('controller'),
    messageBus: doctor.role('message_bus'),
  };
  for (const name of without) given[name] = undefined;
  const role = provider.create(
    {
      config: { ...defaults, ...config },
      role: provider.role,
      type: provider.type,
      log: doctor.log,
      defer: () => {},
    },
    given,
  ) as unknown as R;
  return {
    role,
    proxy,
    cloud,
    async ask(method, path, json) {
      const answer = await session.request(service, {
        method: method as 'GET',
        path,
        ...(json === undefined ? {} : { json }),
      });
      return answer.body;
    },
    async close() {
      await proxy.close();
      await cloud.close();
    },
  };
}

/** Forced down, as Nova has it. */
export const forcedDown = async ({ doctor }: RecordedCloud, hostname: string): Promise<boolean> =>
  (await doctor.role('controller').compute.hosts()).some(
    (host) => host.hostname === hostname && host.forcedDown,
  );
