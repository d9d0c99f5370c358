import {
  DoctorError,
  FAULT_EVENT_TYPES,
  type FaultEvent,
  FaultEventSchema,
  type FaultEventType,
  type Severity,
} from '@nfv-doctor/core/plugin-api';
import { Value } from '@sinclair/typebox/value';
import { parseTime } from './time.js';

/** A fault event that was checked. */
export interface CheckedEvent {
  event: FaultEvent;
  type: FaultEventType;
  hostname: string;
  status: 'down' | 'up';
  monitor: string;
  /** Its time, ms since the epoch; never later than now, so that a monitor with a fast clock cannot make all later events stale. */
  at: number;
  severity: Severity;
}

const fail = (path: string, found: string, details: Record<string, unknown> = {}) => {
  throw new DoctorError('INPUT_INVALID', `${path}: ${found}`, { details: { field: path, ...details } });
};

/**
 * Checks all events before anything is done with one of them.
 * @throws DoctorError INPUT_INVALID that names the field, e.g. `events[3].details.hostname`
 */
export function checkEvents(events: unknown, now: number): CheckedEvent[] {
  if (!Array.isArray(events)) return fail('events', `must be a list of events, is ${kindOf(events)}`);
  if (events.length > MAX_EVENTS)
    fail('events', `has ${events.length} events, at most ${MAX_EVENTS} are taken`);
  return events.map((event, index) =>
    checkEvent(event, events.length === 1 ? 'event' : `events[${index}]`, now),
  );
}
const MAX_EVENTS = 10_000;

function checkEvent(event: unknown, path: string, now: number): CheckedEvent {
  if (!isFaultEvent(event)) {
    const error = Value.Errors(FaultEventSchema, event).First();
    const field = path + (error?.path ?? '').replaceAll('/', '.');
    return fail(field, `${error?.message ?? 'is no fault event'}, found ${show(error?.value)}`);
  }
  const { type, details } = event;
  if (!FAULT_EVENT_TYPES.includes(type as FaultEventType))
    fail(`${path}.type`, `must be one of ${FAULT_EVENT_TYPES.join(', ')}, found ${show(type)}`);
  if (!type.endsWith(`.${details.status}`))
    fail(`${path}.details.status`, `contradicts type ${type}, found ${show(details.status)}`);
  const at = parseTime(event.time);
  if (at === undefined)
    return fail(`${path}.time`, `must be an ISO 8601 date and time, found ${show(event.time)}`);
  return {
    event,
    type: type as FaultEventType,
    hostname: details.hostname,
    status: details.status,
    monitor: details.monitor,
    at: Math.min(at, now),
    severity: details.severity ?? 'critical',
  };
}

/** By hand: a schema check costs more than all the rest of an event's way. Says the same as FaultEventSchema. */
function isFaultEvent(value: unknown): value is FaultEvent {
  if (!isRecord(value) || !isRecord(value.details)) return false;
  const { details } = value;
  return (
    isText(value.time, 64) &&
    isText(value.type, 255) &&
    isText(details.hostname, 255) &&
    (details.status === 'down' || details.status === 'up') &&
    isText(details.monitor, 255) &&
    isText(details.monitor_event_id, 255) &&
    ((details.severity === undefined && details.cause === undefined) || Value.Check(FaultEventSchema, value))
  );
}
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown, max: number) =>
  typeof value === 'string' && value.length > 0 && value.length <= max;

const kindOf = (value: unknown) =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'a list'
      : value === undefined
        ? 'absent'
        : `a ${typeof value}`;
const show = (value: unknown) => {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
};

/** The events in a body: a list, one event, `{event}` or `{events}`. */
export function eventsOfBody(body: unknown): unknown[] {
  if (Array.isArray(body)) return body;
  if (isRecord(body)) {
    if (Array.isArray(body.events)) return body.events;
    if ('events' in body)
      return fail('events', `must be a list of events, is ${kindOf(body.events)}`) as never;
    if ('event' in body) return [body.event];
    return [body];
  }
  return fail('body', `must be an event or a list of events, is ${kindOf(body)}`) as never;
}
