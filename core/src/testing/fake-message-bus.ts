import type { Notification } from '../domain/notification.js';
import type { MessageBus, NotificationHandler } from '../roles/message-bus.js';
import type { Health } from '../roles/role.js';

/** A message bus for tests: keeps what was published, and fails or hangs on demand. */
export class FakeMessageBus implements MessageBus {
  readonly published: Notification[] = [];
  /** Called before each publication; throw or hang to be a bus that does. */
  before: (notification: Notification) => Promise<void> | void = () => {};
  readonly #subscribers = new Set<{ patterns: RegExp[]; handler: NotificationHandler }>();
  readonly #reconnect = new Set<() => void>();

  async publish(notification: Notification): Promise<void> {
    const waits = this.before(notification);
    if (waits) await waits;
    this.published.push(notification);
    await this.deliver(notification);
  }
  async subscribe(eventTypes: readonly string[], handler: NotificationHandler) {
    const subscriber = {
      patterns: eventTypes.map(
        (type) => new RegExp(`^${type.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`),
      ),
      handler,
    };
    this.#subscribers.add(subscriber);
    return async () => void this.#subscribers.delete(subscriber);
  }
  onReconnect(listener: () => void) {
    this.#reconnect.add(listener);
    return () => void this.#reconnect.delete(listener);
  }

  /** A notification from somebody else. */
  async deliver(notification: Notification): Promise<void> {
    for (const { patterns, handler } of this.#subscribers)
      if (patterns.some((pattern) => pattern.test(notification.eventType))) await handler(notification);
  }
  /** The connection was lost and came back. */
  reconnect(): void {
    for (const listener of this.#reconnect) listener();
  }
  get subscribers(): number {
    return this.#subscribers.size;
  }

  async start(): Promise<void> {}
  async stop(): Promise<void> {}
  health(): Health {
    return { status: 'up', detail: '' };
  }
}
