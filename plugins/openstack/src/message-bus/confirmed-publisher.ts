import { type Clock, DoctorError, type Notification } from '@nfv-doctor/core/plugin-api';
import type { Envelope, Publisher } from 'rabbitmq-client';
import { abortable } from '../cloud/abortable.js';
import { codeOf } from './broker-error.js';
import type { RabbitConfig } from './config.js';
import { type Driver, encode } from './envelope.js';

const RETRY_MS = 50;

/** Publishes as oslo.messaging does, until the broker has confirmed it. */
export class ConfirmedPublisher {
  /** The library's, once there is a connection. */
  publisher: Publisher | undefined;

  /** @param place where the broker is, for messages */
  constructor(
    private readonly config: RabbitConfig,
    private readonly clock: Clock,
    private readonly place: () => string,
  ) {}

  /**
   * Tries over reconnections; so a listener may see a notification twice, with the same id.
   * @throws DoctorError BACKEND_UNREACHABLE after `publish_timeout`
   */
  async publish(notification: Notification, signal?: AbortSignal): Promise<void> {
    const body = Buffer.from(encode(notification, this.config.driver as Driver));
    const envelope: Envelope = {
      exchange: this.config.publish_exchange,
      routingKey: `${this.config.publish_topic}.${notification.priority.toLowerCase()}`,
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      durable: true,
      priority: 0,
    };
    const deadline = this.clock.monotonic() + this.config.publish_timeout;
    for (;;) {
      signal?.throwIfAborted();
      const error = await this.#try(envelope, body, signal);
      if (error === undefined) return;
      if (this.clock.monotonic() >= deadline) throw this.#unpublished(notification, error);
      await this.clock.sleep(RETRY_MS, signal);
    }
  }

  /** @returns the failure, undefined when the broker confirmed it */
  async #try(envelope: Envelope, body: Buffer, signal?: AbortSignal): Promise<unknown> {
    if (!this.publisher) return new DoctorError('BACKEND_UNREACHABLE', 'not connected yet');
    try {
      await abortable(this.publisher.send(envelope, body), signal);
      return undefined;
    } catch (error) {
      if (signal?.aborted) throw error;
      return error;
    }
  }

  #unpublished(notification: Notification, error: unknown): DoctorError {
    return new DoctorError(
      'BACKEND_UNREACHABLE',
      `${notification.eventType} was not taken by RabbitMQ at ${this.place()} within ${this.config.publish_timeout} ms (${codeOf(error) || DoctorError.from(error).message})`,
      { cause: error, retryable: true },
    );
  }
}
