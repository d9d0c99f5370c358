import type { Notification } from '@nfv-doctor/core/plugin-api';
import type { CloudNotification } from '../cloud/index.js';

/** A notification in Doctor's form: oslo.messaging's without its envelope and context. */
export function toNotification({ message }: CloudNotification): Notification {
  return {
    messageId: message.message_id,
    publisherId: message.publisher_id,
    eventType: message.event_type,
    priority: message.priority,
    payload: message.payload,
    timestamp: `${message.timestamp.slice(0, 23).replace(' ', 'T')}Z`,
  };
}
