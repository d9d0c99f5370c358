import { core, optional, provide } from '@nfv-doctor/core/plugin-api';
import { VitrageClient } from '../client.js';
import { vitrageConfig } from './config.js';
import { VitrageInspector } from './vitrage-inspector.js';

export const vitrageInspector = provide({
  role: 'inspector',
  type: 'vitrage',
  doc: 'posts events to Vitrage, whose template marks the host and its instances down',
  config: vitrageConfig,
  deps: {
    cloud: core.cloudSession,
    clock: core.clock,
    events: core.events,
    run: core.run,
    controller: optional(core.controller),
  },
  create: ({ config, log }, deps) =>
    new VitrageInspector(config, new VitrageClient(deps.cloud), { ...deps, log }),
});
