import type { Logger, Notification, NotificationHandler } from '@nfv-doctor/core/plugin-api';

interface Subscription {
  matches: (eventType: string) => boolean;
  handler: NotificationHandler;
}

/** Ids that are remembered to tell a second delivery: minutes of a busy cloud's notifications. */
const REMEMBERED = 20_000;

/** Hands notifications to their subscribers, each once, in order of arrival. */
export class Dispatcher {
  readonly #subscriptions = new Set<Subscription>();
  readonly #seen = new Set<string>();

  constructor(private readonly log: Logger) {}

  subscribe(patterns: readonly string[], handler: NotificationHandler): () => void {
    const subscription = { matches: matcher(patterns), handler };
    this.#subscriptions.add(subscription);
    return () => void this.#subscriptions.delete(subscription);
  }

  /** Calls the handlers before it returns. @returns what is to be waited for, undefined when all is done */
  dispatch(notification: Notification): Promise<unknown> | undefined {
    if (!this.#isNew(notification.messageId)) return undefined;
    const running: Promise<void>[] = [];
    for (const { matches, handler } of this.#subscriptions)
      if (matches(notification.eventType)) this.#call(handler, notification, running);
    return running.length > 0 ? Promise.all(running) : undefined;
  }

  #call(handler: NotificationHandler, notification: Notification, running: Promise<void>[]): void {
    const failed = (error: unknown) =>
      this.log.error(
        { event: 'bus.handler_failed', eventType: notification.eventType, err: error },
        'a handler of notifications failed',
      );
    try {
      const result = handler(notification);
      if (result) running.push(result.catch(failed));
    } catch (error) {
      failed(error);
    }
  }

  #isNew(id: string): boolean {
    if (id === '') return true;
    if (this.#seen.has(id)) return false;
    this.#seen.add(id);
    if (this.#seen.size > REMEMBERED) {
      const oldest = this.#seen.values().next().value;
      if (oldest !== undefined) this.#seen.delete(oldest);
    }
    return true;
  }
}

/** `*` stands for any text. */
function matcher(patterns: readonly string[]): (eventType: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')));
  const wild = patterns.filter((pattern) => pattern.includes('*')).map(toExpression);
  return (eventType) => exact.has(eventType) || wild.some((expression) => expression.test(eventType));
}

const toExpression = (pattern: string) => new RegExp(`^${pattern.split('*').map(escape).join('.*')}$`, 's');

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
