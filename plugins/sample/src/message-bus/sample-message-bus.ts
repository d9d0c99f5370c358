import {
  type Clock,
  DoctorError,
  type Health,
  type HttpKit,
  type Logger,
  type MessageBus,
  type Notification,
  type NotificationHandler,
} from '@nfv-doctor/core/plugin-api';
import { BridgeClient } from './bridge-client.js';
import { BridgeServer } from './bridge-server.js';
import type { MessageBusConfig } from './config.js';
import { Subscriptions } from './subscriptions.js';

export interface MessageBusDependencies {
  clock: Clock;
  log: Logger;
  http: HttpKit;
}

/** In-process message bus; with `listen` and `connect` one bus of several processes. */
export class SampleMessageBus implements MessageBus {
  readonly #subscriptions: Subscriptions;
  readonly #reconnectListeners = new Set<() => void>();
  #server: BridgeServer | undefined;
  #client: BridgeClient | undefined;
  #running = false;

  constructor(
    readonly config: MessageBusConfig,
    readonly deps: MessageBusDependencies,
  ) {
    this.#subscriptions = new Subscriptions(deps.log);
  }

  /** Where other processes join; when listening. */
  get endpoint(): URL | undefined {
    return this.#server?.url;
  }

  async start(signal: AbortSignal): Promise<void> {
    const { config, deps } = this;
    if (config.listen >= 0 && config.connect)
      throw new DoctorError(
        'CONFIG_INVALID',
        'message_bus.listen and message_bus.connect exclude each other; set one',
      );
    if (config.listen >= 0) {
      this.#server = new BridgeServer(config, deps.clock, deps.http, (notification) =>
        this.#deliver(notification),
      );
      await this.#server.listen();
    }
    if (config.connect) {
      this.#client = new BridgeClient(config, deps.clock, deps.log, {
        received: (notification) => this.#subscriptions.dispatch(notification),
        reconnected: () => this.#reconnected(),
      });
      await this.#client.start(signal);
    }
    this.#running = true;
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#subscriptions.clear();
    const [server, client] = [this.#server, this.#client];
    this.#server = undefined;
    this.#client = undefined;
    await client?.close();
    await server?.close();
  }

  health(): Health {
    if (!this.#running) return { status: 'down', detail: 'not started' };
    if (this.#client && !this.#client.connected)
      return { status: 'down', detail: `the connection to ${this.config.connect} is lost; trying again` };
    return { status: 'up', detail: '' };
  }

  async publish(notification: Notification, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (!this.#running) throw new DoctorError('ABORTED', 'the message bus is stopped');
    // a joined process hears of its own notifications from the bus as well: all see one order
    if (this.#client) await this.#client.publish(notification, signal);
    else this.#deliver(notification);
  }

  async subscribe(eventTypes: readonly string[], handler: NotificationHandler): Promise<() => Promise<void>> {
    const end = this.#subscriptions.add(eventTypes, handler);
    return async () => end();
  }

  onReconnect(listener: () => void): () => void {
    this.#reconnectListeners.add(listener);
    return () => void this.#reconnectListeners.delete(listener);
  }

  #deliver(notification: Notification): void {
    this.#server?.send(notification);
    this.#subscriptions.dispatch(notification);
  }

  #reconnected(): void {
    this.deps.log.info({ event: 'bus.reconnected', url: this.config.connect });
    for (const listener of this.#reconnectListeners) {
      try {
        listener();
      } catch (err) {
        this.deps.log.error({ event: 'bus.listener_failed', err });
      }
    }
  }
}
