import type { CloudEvent, Notification, Trait } from '@nfv-doctor/core/plugin-api';
import { isoTime } from './datetime.js';
import { definitionsFor, type TraitDefinition } from './definitions.js';
import { pythonStr } from './python-repr.js';
import { isVersioned, unversioned } from './versioned.js';

/** Who says it: Doctor's shortcut, or the cloud in one of Nova's two forms. */
export type EventSource = 'doctor' | 'versioned' | 'cloud';

/** An event with what the evaluation needs at hand. */
export interface TraitEvent extends CloudEvent {
  source: EventSource;
  /** The project it belongs to; '' when none is named. Alarms of other projects do not see it. */
  projectId: string;
  values: ReadonlyMap<string, Trait>;
  instanceId?: string;
}

const DOCTOR = 'doctor';

function publisher(publisherId: string): { service: string; host: string } {
  // as Ceilometer: `compute.vm` is service compute on host vm, a host name may have dots of its own
  const dot = publisherId.indexOf('.');
  if (dot < 0) return { service: publisherId, host: '' };
  return { service: publisherId.slice(0, dot), host: publisherId.slice(dot + 1).split('.', 1)[0] ?? '' };
}

function toTrait({ name, type }: TraitDefinition, value: unknown): Trait | undefined {
  if (value === null || value === undefined) return undefined;
  if (type === 'text') return [name, 1, pythonStr(value)];
  if (type === 'datetime') {
    const time = typeof value === 'string' ? isoTime(value) : undefined;
    return time === undefined ? undefined : [name, 4, time];
  }
  const number =
    typeof value === 'number' || (typeof value === 'string' && value.trim() !== '')
      ? Number(value)
      : Number.NaN;
  if (!Number.isFinite(number)) return undefined;
  return type === 'int' ? [name, 2, Math.trunc(number)] : [name, 3, number];
}

function scalarTrait(name: string, value: unknown): Trait | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? [name, 2, value] : [name, 3, value];
  if (typeof value === 'string' || typeof value === 'boolean') return [name, 1, pythonStr(value)];
  return undefined;
}

const textOr = (...values: unknown[]): string =>
  values.find((value): value is string => typeof value === 'string' && value !== '') ?? '';

function ownTraits(eventType: string, payload: Record<string, unknown>, host: string): (Trait | undefined)[] {
  const definitions = definitionsFor(eventType);
  if (!definitions) return Object.entries(payload).map(([name, value]) => scalarTrait(name, value));
  return definitions.map((definition) =>
    toTrait(definition, definition.source === ':host' ? host || null : payload[definition.source]),
  );
}

/** A notification as the event that Ceilometer would make of it; nothing is cut at 255 characters. */
export function toTraitEvent(notification: Notification): TraitEvent {
  const versioned = isVersioned(notification.payload);
  const { eventType, payload } = versioned
    ? unversioned(notification.eventType, notification.payload)
    : notification;
  const { service, host } = publisher(notification.publisherId);
  const fromDoctor = service === DOCTOR || payload.doctor_fault_id !== undefined;
  const projectId = textOr(payload.tenant_id, payload.project_id);

  const values = new Map<string, Trait>();
  const add = (trait: Trait | undefined) => {
    if (trait && !values.has(trait[0])) values.set(trait[0], trait);
  };
  add(['service', 1, textOr(service, 'unknown')]);
  if (typeof payload.request_id === 'string') add(['request_id', 1, payload.request_id]);
  if (projectId) add(['project_id', 1, projectId]);
  for (const trait of ownTraits(eventType, payload, fromDoctor ? '' : host)) add(trait);

  const instanceId = values.get('instance_id')?.[2];
  return {
    messageId: notification.messageId,
    eventType,
    generated: isoTime(notification.timestamp) ?? notification.timestamp,
    traits: [...values.values()],
    source: fromDoctor ? 'doctor' : versioned ? 'versioned' : 'cloud',
    projectId,
    values,
    ...(typeof instanceId === 'string' ? { instanceId } : {}),
  };
}
