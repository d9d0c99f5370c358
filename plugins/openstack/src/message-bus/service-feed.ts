import type { Clock, Logger } from '@nfv-doctor/core/plugin-api';
import type { Connection } from 'rabbitmq-client';
import { codeOf } from './broker-error.js';
import type { RabbitConfig } from './config.js';

/** Pause before a queue that was not there is looked for again. */
const LOOK_AGAIN_MS = 5_000;

/**
 * Binds the services' notification queues to the exchange that Doctor publishes to. A publisher of oslo.messaging declares
 * `notifications.info` and binds it to its own exchange; Ceilometer consumes that queue and listens to the exchanges of
 * services only. Doctor binds the queue, but never declares it: one that nobody reads would fill the broker.
 */
export class ServiceFeed {
  #bound = new Set<string>();
  #lookAt = 0;

  constructor(
    private readonly config: RabbitConfig,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  /** Never throws: without those queues nobody is there to be fed. */
  async bind(connection: Connection): Promise<void> {
    const {
      feed_services: isWanted,
      publish_exchange: exchange,
      publish_topic: topic,
      priorities,
    } = this.config;
    if (!isWanted) return;
    this.#lookAt = this.clock.monotonic() + LOOK_AGAIN_MS;
    const bound = new Set<string>();
    for (const routingKey of priorities.map((priority) => `${topic}.${priority}`))
      try {
        await connection.queueDeclare({ queue: routingKey, passive: true });
        await connection.queueBind({ queue: routingKey, exchange, routingKey });
        bound.add(routingKey);
      } catch (error) {
        this.log.debug(
          { event: 'bus.no_service_queue', queue: routingKey, code: codeOf(error) },
          'no queue of the services to publish to',
        );
      }
    this.#bound = bound;
  }

  /** Looks again after a while for what was not there, without holding anybody up. */
  bindLater(connection: Connection | undefined): void {
    const isComplete = this.#bound.size === this.config.priorities.length;
    if (!connection || isComplete || this.clock.monotonic() < this.#lookAt) return;
    void this.bind(connection);
  }
}
