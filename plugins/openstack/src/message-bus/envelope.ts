import { DoctorError, type Notification } from '@nfv-doctor/core/plugin-api';

/** How notifications are wrapped: `messagingv2` in oslo's envelope, `messaging` not at all. */
export type Driver = 'messagingv2' | 'messaging';

const VERSION = '2.0';

interface OsloMessage {
  message_id: string;
  publisher_id: string;
  event_type: string;
  priority: string;
  payload: Record<string, unknown>;
  /** `2026-11-23 16:17:52.331930`, UTC. */
  timestamp: string;
  /** oslo.messaging's own listeners drop a second message with the same one. */
  _unique_id?: string;
}

/** The body on the wire. */
export function encode(notification: Notification, driver: Driver): string {
  const message: OsloMessage = {
    message_id: notification.messageId,
    publisher_id: notification.publisherId,
    event_type: notification.eventType,
    priority: notification.priority,
    payload: notification.payload,
    timestamp: toOsloTime(notification.timestamp),
    _unique_id: notification.messageId.replaceAll('-', ''),
  };
  const text = JSON.stringify(message);
  if (driver === 'messaging') return text;
  return JSON.stringify({ 'oslo.version': VERSION, 'oslo.message': text });
}

/**
 * Reads a body with either envelope.
 * @throws DoctorError BACKEND_PROTOCOL when it is no notification
 */
export function decode(body: string | Uint8Array | object): Notification {
  const outer = isBytesOrText(body) ? parseJson(String(body)) : body;
  const inner = isRecord(outer) && 'oslo.message' in outer ? parseJson(outer['oslo.message']) : outer;
  if (!isRecord(inner) || typeof inner['event_type'] !== 'string' || typeof inner['message_id'] !== 'string')
    throw new DoctorError('BACKEND_PROTOCOL', 'a message on the bus is no notification of oslo.messaging');
  const payload = inner['payload'];
  return {
    messageId: inner['message_id'],
    publisherId: textOf(inner['publisher_id']),
    eventType: inner['event_type'],
    priority: textOf(inner['priority']) || 'INFO',
    payload: isRecord(payload) ? payload : { value: payload },
    timestamp: toIsoTime(textOf(inner['timestamp'])),
  };
}

const isBytesOrText = (body: unknown): body is string | Uint8Array =>
  typeof body === 'string' || body instanceof Uint8Array;
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function parseJson(text: unknown): unknown {
  try {
    return JSON.parse(textOf(text));
  } catch (error) {
    throw new DoctorError('BACKEND_PROTOCOL', 'a message on the bus is not valid JSON', { cause: error });
  }
}

const TIME = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)?$/;

/** oslo's `2026-11-23 16:17:52.331930` has no zone and means UTC. */
function toIsoTime(time: string): string {
  const [, date, clock, fraction, zone = 'Z'] = TIME.exec(time) ?? [];
  return date && clock ? `${date}T${clock}${fraction ? `.${fraction}` : ''}${zone}` : time;
}

function toOsloTime(time: string): string {
  const [, date, clock, fraction = '', zone = 'Z'] = TIME.exec(time) ?? [];
  if (!date || !clock) return time;
  const micro = fraction.slice(0, 6).padEnd(6, '0');
  if (zone === 'Z') return `${date} ${clock}.${micro}`;
  const utc = new Date(`${date}T${clock}${zone}`).toISOString();
  return `${utc.slice(0, 19).replace('T', ' ')}.${micro}`;
}
