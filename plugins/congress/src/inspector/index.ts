import { core, optional, provide } from '@nfv-doctor/core/plugin-api';
import { CongressClient } from '../client.js';
import { congressConfig } from './config.js';
import { CongressInspector } from './congress-inspector.js';

export const congressInspector = provide({
  role: 'inspector',
  type: 'congress',
  doc: 'pushes events to Congress, whose rules mark the host and its instances down',
  config: congressConfig,
  deps: {
    cloud: core.cloudSession,
    clock: core.clock,
    events: core.events,
    controller: optional(core.controller),
    messageBus: optional(core.messageBus),
  },
  create: ({ config, log }, deps) =>
    new CongressInspector(config, new CongressClient(deps.cloud), { ...deps, log }),
});
