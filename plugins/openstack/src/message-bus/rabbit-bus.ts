import type {
  Clock,
  Health,
  Logger,
  MessageBus,
  Notification,
  NotificationHandler,
  PublishOptions,
} from '@nfv-doctor/core/plugin-api';
import { DoctorError } from '@nfv-doctor/core/plugin-api';
import { type AsyncMessage, Connection, type Consumer } from 'rabbitmq-client';
import { abortable } from '../cloud/abortable.js';
import { codeOf, refusal, unreachable } from './broker-error.js';
import type { RabbitConfig } from './config.js';
import { ConfirmedPublisher } from './confirmed-publisher.js';
import { connectionOptions, consumerProps } from './connection-options.js';
import { Dispatcher } from './dispatcher.js';
import { decode, encode } from './envelope.js';
import { declareExchange, type Exchange } from './exchanges.js';
import { foreignAnswer } from './probe.js';
import { ServiceFeed } from './service-feed.js';
import { type Broker, parseTransportUrl, placeOf } from './transport-url.js';

/** See {@link MessageBus}: oslo.messaging's notifications over RabbitMQ. */
export class RabbitBus implements MessageBus {
  readonly #dispatcher: Dispatcher;
  readonly #feed: ServiceFeed;
  readonly #publisher: ConfirmedPublisher;
  readonly #reconnected = new Set<() => void>();
  #broker: Broker | undefined;
  #connection: Connection | undefined;
  #consumer: Consumer | undefined;
  #everReady = false;
  #started = false;

  constructor(
    private readonly config: RabbitConfig,
    private readonly clock: Clock,
    private readonly log: Logger,
    private readonly configFolder: string,
  ) {
    this.#dispatcher = new Dispatcher(log);
    this.#feed = new ServiceFeed(config, clock, log);
    this.#publisher = new ConfirmedPublisher(config, clock, () => this.#place());
  }

  async start(signal: AbortSignal): Promise<void> {
    const broker = parseTransportUrl(this.config.transport_url, this.config.tls);
    this.#broker = broker;
    const foreign = await abortable(foreignAnswer(broker, this.config.connect_timeout), signal);
    if (foreign !== undefined)
      throw new DoctorError(
        'BACKEND_PROTOCOL',
        `what listens at ${placeOf(broker)} is no RabbitMQ: it answered ${JSON.stringify(foreign)}`,
      );
    const connection = new Connection(connectionOptions(broker, this.config, this.configFolder));
    this.#connection = connection;
    connection.on('error', (error: unknown) =>
      this.log.warn(
        { event: 'bus.connection_lost', broker: placeOf(broker), code: codeOf(error) },
        'the connection with RabbitMQ is lost or cannot be made; trying again',
      ),
    );
    if (this.config.wait) void this.#listenSomeTime(connection);
    else await this.#withinTimeout(connection, broker, this.#listen(connection), signal);
    this.#started = true;
  }

  /** The library goes on trying by itself; we give up when the broker refuses us or the time is over. */
  async #withinTimeout(
    connection: Connection,
    broker: Broker,
    ready: Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const timeoutMs = this.config.connect_timeout;
    let last: unknown;
    let timer: { cancel(): void } | undefined;
    const failed = new Promise<never>((_, reject) => {
      timer = this.clock.setTimeout(() => reject(unreachable(broker, timeoutMs, last)), timeoutMs);
      connection.on('error', (error: unknown) => {
        last = error;
        const refused = refusal(broker, error);
        if (refused) reject(refused);
      });
    });
    try {
      await abortable(Promise.race([ready, failed]), signal);
    } catch (error) {
      ready.catch(() => {});
      connection.unsafeDestroy();
      throw (
        refusal(broker, error) ?? DoctorError.from(error, 'BACKEND_ERROR', `RabbitMQ at ${placeOf(broker)}`)
      );
    } finally {
      timer?.cancel();
    }
  }

  /** Tries until it listens: what the library does not repeat by itself is what comes before its consumer. */
  async #listenSomeTime(connection: Connection): Promise<void> {
    while (this.#connection === connection)
      try {
        return await this.#listen(connection);
      } catch (error) {
        if (this.#connection !== connection) return;
        this.log.error({ event: 'bus.listen_failed', code: codeOf(error) }, 'cannot listen to RabbitMQ yet');
        await this.clock.sleep(this.config.reconnect_max_delay);
      }
  }

  /** Declares what is needed and waits until the first notification can come. */
  async #listen(connection: Connection): Promise<void> {
    await connection.onConnect(0, true);
    const exchanges: Exchange[] = [];
    const names = new Set([...this.config.exchanges, this.config.publish_exchange]);
    for (const name of names) exchanges.push(await declareExchange(connection, name));
    await this.#feed.bind(connection);
    const own = exchanges.filter(({ exchange }) => exchange === this.config.publish_exchange);
    this.#publisher.publisher = connection.createPublisher({ confirm: true, exchanges: own });
    const consumer = connection.createConsumer(consumerProps(this.config, exchanges), (message) =>
      this.#receive(message),
    );
    this.#consumer = consumer;
    consumer.on('error', (error: unknown) =>
      this.log.warn({ event: 'bus.consumer_lost', code: codeOf(error) }, 'not listening to RabbitMQ now'),
    );
    await new Promise<void>((resolve) => {
      consumer.on('ready', () => {
        this.#onReady();
        if (this.#connection) void this.#feed.bind(this.#connection);
        resolve();
      });
    });
  }

  /** The queue is bound again: whatever was sent in between was missed, unless the queue is durable. */
  #onReady(): void {
    const again = this.#everReady || this.#started;
    this.#everReady = true;
    if (!again) return;
    this.log.info({ event: 'bus.reconnected' }, 'listening to RabbitMQ again');
    for (const listener of this.#reconnected)
      try {
        listener();
      } catch (error) {
        this.log.error({ event: 'bus.listener_failed', err: error }, 'a listener of reconnections threw');
      }
  }

  /** Resolves when the message may be taken from the queue. A handler that hangs must not keep the library from reconnecting. */
  #receive(message: AsyncMessage): void | Promise<void> {
    let notification: Notification;
    try {
      notification = decode(message.body as Uint8Array);
    } catch (error) {
      this.log.warn(
        { event: 'bus.unreadable', exchange: message.exchange, routingKey: message.routingKey },
        DoctorError.from(error).message,
      );
      return undefined;
    }
    const handled = this.#dispatcher.dispatch(notification);
    if (!handled) return undefined;
    return this.#settled(handled);
  }

  async #settled(handled: Promise<unknown>): Promise<void> {
    let timer: { cancel(): void } | undefined;
    const late = new Promise<void>((resolve) => {
      timer = this.clock.setTimeout(resolve, this.config.handler_timeout);
    });
    await Promise.race([handled, late]);
    timer?.cancel();
  }

  async publish(notification: Notification, signal?: AbortSignal, options?: PublishOptions): Promise<void> {
    signal?.throwIfAborted();
    const isAtWork = this.#loopBack(notification);
    if (isAtWork && options?.ownListenersFirst)
      await this.clock.sleep(this.config.loopback_head_start, signal);
    await this.#publisher.publish(notification, signal);
    this.#feed.bindLater(this.#connection);
  }

  /** Hands it to the own listeners; the broker's copy is then known by its id. @returns whether one is at work upon it */
  #loopBack(notification: Notification): boolean {
    if (!this.config.loopback || notification.messageId === '') return false;
    const handled = this.#dispatcher.dispatch(decode(Buffer.from(encode(notification, 'messagingv2'))));
    return handled !== undefined;
  }

  async subscribe(eventTypes: readonly string[], handler: NotificationHandler): Promise<() => Promise<void>> {
    const end = this.#dispatcher.subscribe(eventTypes, handler);
    return async () => end();
  }

  onReconnect(listener: () => void): () => void {
    this.#reconnected.add(listener);
    return () => void this.#reconnected.delete(listener);
  }

  async stop(signal: AbortSignal): Promise<void> {
    const connection = this.#connection;
    if (!connection) return;
    this.#connection = undefined;
    this.#started = false;
    const graceful = async () => {
      await this.#consumer?.close();
      await this.#publisher.publisher?.close();
      await connection.close();
    };
    // without a connection there is nothing to say goodbye to, and the library would wait for one
    if (connection.ready) await abortable(graceful(), signal).catch(() => {});
    connection.unsafeDestroy();
    this.#consumer = undefined;
    this.#publisher.publisher = undefined;
  }

  health(): Health {
    if (this.#connection?.ready && this.#everReady) return { status: 'up', detail: '' };
    return { status: 'down', detail: `no connection with RabbitMQ (${this.#place()})` };
  }

  #place(): string {
    return this.#broker ? placeOf(this.#broker) : 'not started';
  }
}
