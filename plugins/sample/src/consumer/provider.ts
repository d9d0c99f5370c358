import { core, provide } from '@nfv-doctor/core/plugin-api';
import { consumerConfig } from './config.js';
import { SampleConsumer } from './sample-consumer.js';

/** Consumer `sample`. */
export const sampleConsumer = provide({
  role: 'consumer',
  type: 'sample',
  doc: 'takes alarms over HTTP, recreates the instance on another host and moves its floating IP there',
  config: consumerConfig,
  deps: {
    http: core.http,
    clock: core.clock,
    events: core.events,
    controller: core.controller,
    notifier: core.notifier,
  },
  create: (ctx, deps) => new SampleConsumer(ctx.config, deps, ctx.log),
});
