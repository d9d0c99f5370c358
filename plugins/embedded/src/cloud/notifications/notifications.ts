import { newUuid } from '../ids.js';
import type { Token } from '../keystone/tokens.js';
import { isoMicro, oslo } from '../time.js';

/** A notification as oslo.messaging's driver puts it on the bus, without the envelope. */
export interface CloudNotification {
  /** Topic exchange: the control exchange of the service. */
  exchange: string;
  /** `notifications.info`, or `versioned_notifications.info` for Nova's versioned ones. */
  routingKey: string;
  message: {
    message_id: string;
    publisher_id: string;
    event_type: string;
    priority: string;
    payload: Record<string, unknown>;
    timestamp: string;
    _unique_id: string;
    [contextField: `_context_${string}`]: unknown;
  };
}

/** Who caused what is told, and in which request. */
export interface Cause {
  requestId: string;
  token?: Token | undefined;
}

export type NotificationListener = (notification: CloudNotification) => void;

/** One notification before it is sent: the payload is made only when somebody listens. */
export interface Outgoing {
  exchange: string;
  topic: 'notifications' | 'versioned_notifications';
  publisherId: string;
  eventType: string;
  priority?: 'INFO' | 'ERROR';
  payload: () => Record<string, unknown>;
}

/** Sends the services' notifications to those who listen, in the order of the changes. */
export class NotificationHub {
  readonly #listeners = new Set<NotificationListener>();
  readonly #now: () => number;
  readonly #onListenerError: (error: unknown) => void;

  constructor(now: () => number, onListenerError: (error: unknown) => void) {
    this.#now = now;
    this.#onListenerError = onListenerError;
  }

  /** Adds a listener; the returned function takes it away. A listener that throws stops nobody else. */
  listen(listener: NotificationListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(cause: Cause, outgoing: Outgoing): void {
    if (this.#listeners.size === 0) return;
    const now = this.#now();
    const priority = outgoing.priority ?? 'INFO';
    const notification: CloudNotification = {
      exchange: outgoing.exchange,
      routingKey: `${outgoing.topic}.${priority.toLowerCase()}`,
      message: {
        message_id: newUuid(),
        publisher_id: outgoing.publisherId,
        event_type: outgoing.eventType,
        priority,
        payload: outgoing.payload(),
        timestamp: oslo(now),
        _unique_id: newUuid().replaceAll('-', ''),
        ...contextOf(cause, now),
      },
    };
    for (const listener of this.#listeners) {
      try {
        listener(notification);
      } catch (error) {
        this.#onListenerError(error);
      }
    }
  }
}

/** oslo.context's fields; the token itself is left out, as Nova does in its notifications. */
function contextOf(cause: Cause, now: number): Record<`_context_${string}`, unknown> {
  const { token } = cause;
  const [user, project] = [token?.user, token?.project];
  return {
    _context_user: user?.id ?? null,
    _context_project_id: project?.id ?? null,
    _context_system_scope: token?.system === true ? 'all' : null,
    _context_project: project?.id ?? null,
    _context_domain: null,
    _context_user_domain: user?.domainId ?? null,
    _context_project_domain: project?.domainId ?? null,
    _context_is_admin: token?.admin ?? true,
    _context_read_only: false,
    _context_show_deleted: false,
    _context_auth_token: null,
    _context_request_id: cause.requestId,
    _context_global_request_id: null,
    _context_resource_uuid: null,
    _context_roles: token?.roles.map((role) => role.name) ?? [],
    _context_user_identity: `${user?.id ?? '-'} ${project?.id ?? '-'} - ${user?.domainId ?? '-'} ${project?.domainId ?? '-'}`,
    _context_is_admin_project: true,
    _context_user_id: user?.id ?? null,
    _context_read_deleted: 'no',
    _context_remote_address: null,
    _context_timestamp: isoMicro(now),
    _context_quota_class: null,
    _context_user_name: user?.name ?? null,
    _context_service_catalog: [],
    _context_project_name: project?.name ?? null,
  };
}
