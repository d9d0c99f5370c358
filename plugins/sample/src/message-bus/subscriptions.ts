import type { Logger, Notification, NotificationHandler } from '@nfv-doctor/core/plugin-api';

interface Subscription {
  matches: (eventType: string) => boolean;
  handler: NotificationHandler;
}

const REMEMBERED_TYPES = 1000;

const toRegExp = (pattern: string) =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
    's',
  );

function matcher(patterns: readonly string[]): (eventType: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')));
  const wild = patterns.filter((pattern) => pattern.includes('*')).map(toRegExp);
  return (eventType) => exact.has(eventType) || wild.some((pattern) => pattern.test(eventType));
}

/** Hands notifications to the handlers whose patterns match, in order of arrival. */
export class Subscriptions {
  readonly #all = new Set<Subscription>();
  /** Who gets an event type; forgotten whenever somebody comes or goes. */
  #byType = new Map<string, Subscription[]>();
  readonly #queue: Notification[] = [];
  #handing = false;

  constructor(readonly log: Logger) {}

  add(patterns: readonly string[], handler: NotificationHandler): () => void {
    const subscription = { matches: matcher(patterns), handler };
    this.#all.add(subscription);
    this.#byType.clear();
    return () => {
      this.#all.delete(subscription);
      this.#byType.clear();
    };
  }

  clear(): void {
    this.#all.clear();
    this.#byType.clear();
  }

  /** A handler that publishes queues behind what is being handed out: every handler sees the same order. */
  dispatch(notification: Notification): void {
    this.#queue.push(notification);
    if (this.#handing) return;
    this.#handing = true;
    try {
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) this.#hand(next);
    } finally {
      this.#handing = false;
    }
  }

  #hand(notification: Notification): void {
    for (const subscription of this.#of(notification.eventType)) {
      // one that unsubscribed meanwhile gets no more
      if (!this.#all.has(subscription)) continue;
      try {
        const result = subscription.handler(notification);
        if (result instanceof Promise) result.catch((error: unknown) => this.#failed(notification, error));
      } catch (error) {
        this.#failed(notification, error);
      }
    }
  }

  #of(eventType: string): Subscription[] {
    let found = this.#byType.get(eventType);
    if (!found) {
      found = [...this.#all].filter(({ matches }) => matches(eventType));
      if (this.#byType.size >= REMEMBERED_TYPES) this.#byType.clear();
      this.#byType.set(eventType, found);
    }
    return found;
  }

  #failed({ eventType, messageId }: Notification, err: unknown): void {
    this.log.error(
      { event: 'bus.handler_failed', eventType, messageId, err },
      'a handler of a notification threw',
    );
  }
}
