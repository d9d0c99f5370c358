import { core, optional, provide } from '@nfv-doctor/core/plugin-api';
import { embeddedConfig } from './config.js';
import { EmbeddedInstaller } from './embedded-installer.js';

/** Installer `embedded`. */
export const embeddedInstaller = provide({
  role: 'installer',
  type: 'embedded',
  doc: 'an OpenStack-compatible cloud in this process, on loopback ports',
  config: embeddedConfig,
  deps: { clock: core.clock, run: core.run, messageBus: optional(core.messageBus) },
  create: (ctx, deps) => new EmbeddedInstaller(ctx.config, { ...deps, log: ctx.log }),
});
