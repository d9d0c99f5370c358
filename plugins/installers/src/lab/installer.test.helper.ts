import { createTestContext, type TestContext } from '@nfv-doctor/core/testing';
import type { ExecutionContext } from 'ava';
import plugin from '../index.js';
import type { RemoteConfig } from '../remote/config.js';
import type { RemoteInstaller } from '../remote/remote-installer.js';
import type { Cloud } from './cloud.test.helper.js';

export type Type = 'apex' | 'mcp' | 'daisy';

/** The provider's defaults with what the test says, as the host would give them. */
export function configOf(type: Type, change: Partial<RemoteConfig>): RemoteConfig {
  const provider = plugin.provides.find((each) => each.type === type);
  const schema = (provider?.config ?? {}) as Record<string, { default: unknown }>;
  const defaults = Object.fromEntries(Object.entries(schema).map(([key, option]) => [key, option.default]));
  return { ...(defaults as unknown as RemoteConfig), ...change };
}

/** How the test's machines are reached: their keys, nothing of this user's SSH. */
export const reach = ({ ring, address }: Cloud): Partial<RemoteConfig> => ({
  address,
  user: 'root',
  node_user: 'root',
  key_file: ring.userKey,
  ssh_config: 'none',
  known_hosts_file: ring.knownHosts,
  alive_timeout: 3_000,
});

/** An installer that is not started; stopped after the test. */
export function makeInstaller(type: Type, config: RemoteConfig, context: TestContext): RemoteInstaller {
  const provider = plugin.provides.find((each) => each.type === type);
  if (!provider) throw new Error(`no ${type}`);
  const { log, clock, events } = context;
  const ctx = { config, role: 'installer' as const, type, log, defer: () => {} };
  const run = { runId: 'r', seed: 1, configFolder: '/' };
  return provider.create(ctx as never, { clock, events, run } as never) as RemoteInstaller;
}

export async function installerFor(
  t: ExecutionContext,
  type: Type,
  cloud: Cloud,
  change: Partial<RemoteConfig> = {},
) {
  const context = await createTestContext();
  const config = configOf(type, { ...reach(cloud), ...change });
  const installer = makeInstaller(type, config, context);
  t.teardown(async () => {
    await installer.stop().catch(() => {});
    await context.close();
  });
  return { installer, context, config };
}
