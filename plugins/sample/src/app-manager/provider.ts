import { core, provide } from '@nfv-doctor/core/plugin-api';
import { appManagerConfig } from './config.js';
import { SampleAppManager } from './sample-app-manager.js';

/** App manager `sample`. */
export const sampleAppManager = provide({
  role: 'app_manager',
  type: 'sample',
  doc: 'answers maintenance messages of its applications, scales them and switches them over',
  config: appManagerConfig,
  deps: {
    http: core.http,
    clock: core.clock,
    store: core.store,
    controller: core.controller,
    cloud: core.cloudSession,
    notifier: core.notifier,
  },
  create: (ctx, deps) => new SampleAppManager(ctx.config, deps, ctx.log),
});
