import { core, provide } from '@nfv-doctor/core/plugin-api';
import { type RemoteDefaults, remoteConfig } from './config.js';
import type { RemoteKind } from './deployment.js';
import { RemoteInstaller } from './remote-installer.js';

/** A provider of an installer over SSH. */
export const remoteProvider = <Type extends string>(
  type: Type,
  doc: string,
  defaults: RemoteDefaults,
  kind: Omit<RemoteKind, 'machine'>,
) =>
  provide({
    role: 'installer',
    type,
    doc,
    config: remoteConfig(defaults),
    deps: { clock: core.clock, events: core.events, run: core.run },
    create: (ctx, services) => new RemoteInstaller({ ...kind, machine: defaults.machine }, ctx, services),
  });
