import { core, optional, provide } from '@nfv-doctor/core/plugin-api';
import { AodhNotifier } from './aodh-notifier.js';
import { aodhConfig } from './config.js';

/** `notifier: {type: aodh}`: Ceilometer and Aodh of the cloud. */
export const aodhNotifier = provide({
  role: 'notifier',
  type: 'aodh',
  doc: "The cloud's own Ceilometer and Aodh",
  config: aodhConfig,
  deps: {
    cloud: core.cloudSession,
    clock: core.clock,
    events: core.events,
    messageBus: optional(core.messageBus),
  },
  create: ({ config, log }, deps) => new AodhNotifier(deps, config, log),
});
