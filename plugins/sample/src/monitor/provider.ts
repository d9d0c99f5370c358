import { core, provide } from '@nfv-doctor/core/plugin-api';
import { monitorConfig } from './config.js';
import { SampleMonitor } from './sample-monitor.js';

/** Monitor `sample`. */
export const sampleMonitor = provide({
  role: 'monitor',
  type: 'sample',
  doc: 'probes hosts by icmp, tcp or udp and reports those that fall silent and those that come back',
  config: monitorConfig,
  deps: {
    clock: core.clock,
    events: core.events,
    store: core.store,
    faultReporter: core.faultReporter,
  },
  create: (ctx, deps) => new SampleMonitor(ctx.config, deps, ctx.log),
});
