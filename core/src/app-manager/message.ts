import type { AlarmNotification } from '../domain/alarm.js';
import {
  INSTANCE_ACTIONS,
  type InstanceAction,
  MAINTENANCE_SCHEDULED,
  type MaintenanceState,
} from '../domain/maintenance.js';
import { maintenanceState } from '../domain/maintenance-words.js';
import { parseUtc } from '../domain/utc.js';
import { DoctorError } from '../errors/index.js';

/** A message of a maintenance session as an application understands it. */
export interface AppMessage {
  /** The same for every delivery. */
  id: string;
  sessionId: string;
  projectId: string;
  state: MaintenanceState;
  /** The state in the sender's own words, for the answer. */
  word: string;
  /** URL to ask for the instances, or the instance itself. */
  instanceIds: string;
  replyUrl: string;
  /** ms since the epoch; undefined: no answer is wanted, or its deadline is not told. */
  replyAt?: number;
  /** ms since the epoch at which it was accepted; absent until then. */
  receivedAt?: number;
  allowedActions: InstanceAction[];
}

const missing = (name: string) =>
  new DoctorError('INPUT_INVALID', `reason_data.event.traits has no usable "${name}"`, {
    details: { field: 'reason_data.event.traits' },
  });

/**
 * Reads an alarm for `maintenance.scheduled`. Traits are text: lists come as Python's repr, cut at 255 characters.
 * What is not needed for the answer (metadata) is not looked at, so that a broken one never stops it.
 * @throws DoctorError INPUT_INVALID
 */
export function readMessage({ reason_data: { event } }: AlarmNotification): AppMessage {
  if (event.event_type !== MAINTENANCE_SCHEDULED)
    throw new DoctorError(
      'INPUT_INVALID',
      `event_type must be ${MAINTENANCE_SCHEDULED}, found ${event.event_type.slice(0, 80)}`,
      {
        details: { field: 'reason_data.event.event_type' },
      },
    );
  const traits = new Map(event.traits.map(([name, , value]) => [name, value]));
  const text = (name: string): string => {
    const value = traits.get(name);
    if (typeof value !== 'string' || value === '') throw missing(name);
    return value;
  };
  const word = text('state');
  const state = maintenanceState(word);
  if (!state) throw new DoctorError('INPUT_INVALID', `unknown maintenance state ${word.slice(0, 80)}`);
  const replyAt = traits.get('reply_at');
  const deadline = typeof replyAt === 'string' ? parseUtc(replyAt) : undefined;
  const sessionId = text('session_id');
  const replyUrl = text('reply_url');
  return {
    id: event.message_id ?? `${sessionId} ${word} ${event.generated ?? replyUrl}`,
    sessionId,
    projectId: text('project_id'),
    state,
    word,
    instanceIds: single(text('instance_ids')),
    replyUrl,
    allowedActions: actionsIn(traits.get('allowed_actions')),
    ...(deadline === undefined ? {} : { replyAt: deadline }),
  };
}

/** `['id']` of Fenix is one id, too. */
function single(text: string): string {
  const [, id] = /^\[\s*u?['"]([^'"]+)['"]\s*\]$/.exec(text) ?? [];
  return id ?? text;
}

/** A list, JSON, Python's repr, or what is left of it: the words that are known count. */
function actionsIn(value: unknown): InstanceAction[] {
  const text = Array.isArray(value) ? value.join(' ') : String(value ?? '');
  const words = new Set(text.match(/[A-Z_]+/g));
  return INSTANCE_ACTIONS.filter((action) => words.has(action));
}
