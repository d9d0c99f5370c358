import type { Notification } from '../domain/notification.js';
import type { Role } from './role.js';

export type NotificationHandler = (notification: Notification) => void | Promise<void>;

export interface PublishOptions {
  /**
   * Listeners in this process act upon it within milliseconds; a bus with a broker may keep the broker's copy back for a moment,
   * so that whoever it wakes does not take the processor from them.
   */
  ownListenersFirst?: boolean;
}

/** Carries the VIM's notifications (in-process, or RabbitMQ with oslo.messaging). Delivery is at least once: de-duplicate by `messageId`. */
export interface MessageBus extends Role {
  /** Resolves when the bus has taken the notification (publisher confirm). */
  publish(notification: Notification, signal?: AbortSignal, options?: PublishOptions): Promise<void>;
  /**
   * Calls `handler` for each notification whose event type matches one of the patterns (`*` is a wildcard), in order of arrival.
   * A handler that throws is logged and stops nobody else.
   * @returns a function that ends the subscription
   */
  subscribe(eventTypes: readonly string[], handler: NotificationHandler): Promise<() => Promise<void>>;
  /** Calls `listener` each time the connection came back after it was lost: notifications may have been missed. */
  onReconnect(listener: () => void): () => void;
}
