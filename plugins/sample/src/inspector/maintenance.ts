import {
  type AlarmNotification,
  AlarmNotificationSchema,
  DoctorError,
  HOST_MAINTENANCE_STATES,
  type HostMessage,
  MAINTENANCE_HOST,
  type Notification,
} from '@nfv-doctor/core/plugin-api';
import { Value } from '@sinclair/typebox/value';
import type { HostMaintenance } from './fault-store.js';
import { parseTime } from './time.js';

const bad = (field: string, found: string) =>
  new DoctorError('INPUT_INVALID', `${field}: ${found}`, { details: { field } });

/**
 * Hosts in maintenance, by the senders' own order: webhooks of IN_MAINTENANCE and MAINTENANCE_COMPLETE
 * are milliseconds apart and arrive in either order.
 */
export class MaintenanceHosts {
  readonly #hosts = new Map<string, HostMaintenance>();

  load(all: readonly HostMaintenance[]): void {
    for (const each of all) this.#hosts.set(each.message.host, each);
  }

  /** Session that has the host in maintenance. */
  session(hostname: string): string | undefined {
    const known = this.#hosts.get(hostname);
    return known?.message.state === 'IN_MAINTENANCE' ? known.message.session_id : undefined;
  }

  /** @returns whether it is news */
  apply(next: HostMaintenance): boolean {
    const known = this.#hosts.get(next.message.host);
    if (known) {
      if (next.at < known.at) return false;
      const same =
        next.message.state === known.message.state && next.message.session_id === known.message.session_id;
      if (same) return false;
      // sent in the same instant: a session ends after it began
      const began =
        next.message.state === 'IN_MAINTENANCE' && next.message.session_id === known.message.session_id;
      if (began && next.at === known.at) return false;
    }
    this.#hosts.set(next.message.host, next);
    return true;
  }
}

/** A `maintenance.host` message with the time it was sent; throws DoctorError INPUT_INVALID that names the field. */
export function hostMaintenance(payload: unknown, at: number, path = ''): HostMaintenance {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
    throw bad(path || 'body', 'must be a maintenance.host message or an alarm with one');
  const data = payload as Record<string, unknown>;
  const text = (field: string): string => {
    const value = data[field];
    if (typeof value !== 'string' || value.length === 0 || value.length > 255)
      throw bad(
        path + field,
        `must be a text of 1 to 255 characters, found ${JSON.stringify(value)?.slice(0, 80) ?? 'nothing'}`,
      );
    return value;
  };
  const state = text('state');
  if (!HOST_MAINTENANCE_STATES.includes(state as HostMessage['state']))
    throw bad(
      `${path}state`,
      `must be one of ${HOST_MAINTENANCE_STATES.join(', ')}, found ${JSON.stringify(state)}`,
    );
  return {
    message: {
      host: text('host'),
      state: state as HostMessage['state'],
      session_id: text('session_id'),
      project_id: typeof data.project_id === 'string' ? data.project_id : '',
    },
    at,
  };
}

/** From the message bus. */
export function maintenanceOfNotification(notification: Notification, now: number): HostMaintenance {
  return hostMaintenance(notification.payload, parseTime(notification.timestamp) ?? now);
}

/** From `POST /maintenance`: Aodh's alarm body, or the message itself (with an optional `timestamp`). */
export function maintenanceOfBody(body: unknown, now: number): HostMaintenance {
  const isObject = typeof body === 'object' && body !== null;
  if (!isObject || !('reason_data' in body || 'alarm_id' in body)) {
    const sent = isObject ? (body as Record<string, unknown>).timestamp : undefined;
    if (sent !== undefined && (typeof sent !== 'string' || parseTime(sent) === undefined))
      throw bad(
        'timestamp',
        `must be an ISO 8601 date and time, found ${JSON.stringify(sent)?.slice(0, 80)}`,
      );
    return hostMaintenance(body, sent === undefined ? now : parseTime(sent as string)!);
  }
  if (!Value.Check(AlarmNotificationSchema, body)) {
    const error = Value.Errors(AlarmNotificationSchema, body).First();
    throw bad((error?.path ?? '').slice(1).replaceAll('/', '.') || 'body', error?.message ?? 'is no alarm');
  }
  const { event } = (body as AlarmNotification).reason_data;
  if (event.event_type !== MAINTENANCE_HOST)
    throw bad(
      'reason_data.event.event_type',
      `must be ${MAINTENANCE_HOST}, found ${JSON.stringify(event.event_type.slice(0, 80))}`,
    );
  const traits = Object.fromEntries(event.traits.map(([name, , value]) => [name, value]));
  const generated = event.generated === undefined ? now : parseTime(event.generated);
  if (generated === undefined) throw bad('reason_data.event.generated', 'must be an ISO 8601 date and time');
  return hostMaintenance(traits, generated, 'reason_data.event.traits.');
}
