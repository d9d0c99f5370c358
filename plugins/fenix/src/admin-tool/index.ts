import { core, optional, provide } from '@nfv-doctor/core/plugin-api';
import { FenixClient } from '../client.js';
import { fenixConfig } from './config.js';
import { FenixAdminTool } from './fenix-admin-tool.js';

export const fenixAdminTool = provide({
  role: 'admin_tool',
  type: 'fenix',
  doc: 'leaves maintenance sessions to OpenStack Fenix',
  config: fenixConfig,
  deps: {
    cloud: core.cloudSession,
    clock: core.clock,
    events: core.events,
    controller: optional(core.controller),
    messageBus: optional(core.messageBus),
  },
  create: ({ config, log }, deps) =>
    new FenixAdminTool(config, new FenixClient(deps.cloud), { ...deps, log }),
});
