import { core, provide } from '@nfv-doctor/core/plugin-api';
import { rabbitConfig } from './config.js';
import { RabbitBus } from './rabbit-bus.js';

/** `message_bus: {type: rabbitmq}`: the cloud's own notifications. */
export const rabbitMessageBus = provide({
  role: 'message_bus',
  type: 'rabbitmq',
  doc: "The cloud's notifications over RabbitMQ (oslo.messaging)",
  config: rabbitConfig,
  deps: { clock: core.clock, run: core.run },
  create: ({ config, log }, { clock, run }) => new RabbitBus(config, clock, log, run.configFolder),
});
