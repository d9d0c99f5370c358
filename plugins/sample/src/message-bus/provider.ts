import { core, provide } from '@nfv-doctor/core/plugin-api';
import { messageBusConfig } from './config.js';
import { SampleMessageBus } from './sample-message-bus.js';

/** Message bus `sample`. */
export const sampleMessageBus = provide({
  role: 'message_bus',
  type: 'sample',
  doc: 'in this process, or shared by several processes over HTTP, without a broker',
  config: messageBusConfig,
  deps: { clock: core.clock, http: core.http },
  create: (ctx, deps) => new SampleMessageBus(ctx.config, { ...deps, log: ctx.log }),
});
