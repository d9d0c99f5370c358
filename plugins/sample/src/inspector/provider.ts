import { core, provide } from '@nfv-doctor/core/plugin-api';
import { inspectorConfig } from './config.js';
import { SampleInspector } from './sample-inspector.js';

/** Inspector `sample`. */
export const sampleInspector = provide({
  role: 'inspector',
  type: 'sample',
  doc: 'takes fault events over HTTP, forces the host down and puts its instances into error, in parallel',
  config: inspectorConfig,
  deps: {
    http: core.http,
    clock: core.clock,
    events: core.events,
    store: core.store,
    controller: core.controller,
    messageBus: core.messageBus,
  },
  create: (ctx, deps) => new SampleInspector(ctx.config, deps, ctx.log),
});
