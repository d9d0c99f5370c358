import { core, optional, provide } from '@nfv-doctor/core/plugin-api';
import { notifierConfig } from './config.js';
import { SampleNotifier } from './sample-notifier.js';

/** Notifier `sample`. */
export const sampleNotifier = provide({
  role: 'notifier',
  type: 'sample',
  doc: "event alarms with Aodh's API, evaluated in memory and delivered at least once",
  config: notifierConfig,
  deps: {
    clock: core.clock,
    events: core.events,
    http: core.http,
    store: core.store,
    messageBus: core.messageBus,
    cloudSession: optional(core.cloudSession),
  },
  create: (ctx, deps) => new SampleNotifier(ctx.config as never, { ...deps, log: ctx.log }),
});
