import { core, provide } from '@nfv-doctor/core/plugin-api';
import { adminToolConfig } from './config.js';
import { SampleAdminTool } from './sample-admin-tool.js';

/** Admin tool `sample`. */
export const sampleAdminTool = provide({
  role: 'admin_tool',
  type: 'sample',
  doc: 'negotiates maintenance with the applications and takes host after host through it',
  config: adminToolConfig,
  deps: {
    http: core.http,
    clock: core.clock,
    events: core.events,
    store: core.store,
    run: core.run,
    controller: core.controller,
    cloud: core.cloudSession,
    notifier: core.notifier,
    messageBus: core.messageBus,
  },
  create: (ctx, deps) => new SampleAdminTool(ctx.config, deps, ctx.log),
});
