import { randomUUID } from 'node:crypto';
import type { CloudClock } from '../../cloud/clock.js';
import type { CeilometerEvent } from './events.js';

export interface Query {
  field: string;
  op?: string;
  type?: string;
  value: unknown;
}

/** An event alarm as Aodh's API shows it. */
export interface AodhAlarm {
  alarm_id: string;
  name: string;
  description: string;
  type: 'event';
  enabled: boolean;
  severity: string;
  state: string;
  state_reason: string;
  state_timestamp: string;
  timestamp: string;
  evaluate_timestamp: string;
  repeat_actions: boolean;
  alarm_actions: string[];
  ok_actions: string[];
  insufficient_data_actions: string[];
  time_constraints: unknown[];
  project_id: string;
  user_id: string;
  event_rule: { event_type: string; query: Query[] };
}

/** A request that Aodh refuses. */
export class AodhRefusal extends Error {
  override readonly name = 'AodhRefusal';
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** What an alarm that has fired posts, and where to. */
export interface Firing {
  url: string;
  body: Record<string, unknown>;
}

type Json = Record<string, unknown>;
const OPERATORS: Readonly<Record<string, (a: string | number, b: string | number) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
};
const STATES = ['ok', 'alarm', 'insufficient data'];

/** The alarms and their evaluation. An event alarm fires; it never returns to ok by itself. */
export class AodhAlarms {
  readonly #alarms = new Map<string, AodhAlarm>();

  constructor(readonly clock: CloudClock) {}

  list(): AodhAlarm[] {
    return [...this.#alarms.values()];
  }

  /** @param scope project that sees it; undefined: an administrator sees all */
  get(id: string, scope: string | undefined): AodhAlarm {
    const alarm = this.#alarms.get(id);
    if (!alarm || (scope !== undefined && alarm.project_id !== scope))
      throw new AodhRefusal(404, `Alarm ${id} not found${scope === undefined ? '' : ` in project ${scope}`}`);
    return alarm;
  }

  create(request: Json, owner: { projectId: string; userId: string }): AodhAlarm {
    const now = this.#now();
    const alarm: AodhAlarm = {
      ...settings(request),
      alarm_id: randomUUID(),
      state: 'insufficient data',
      state_reason: 'Not evaluated yet',
      state_timestamp: now,
      timestamp: now,
      evaluate_timestamp: now,
      project_id: owner.projectId,
      user_id: owner.userId,
    };
    this.#alarms.set(alarm.alarm_id, alarm);
    return alarm;
  }

  /** The state is changed by its own call only. */
  replace(alarm: AodhAlarm, request: Json): AodhAlarm {
    return Object.assign(alarm, settings(request), { timestamp: this.#now() });
  }

  setState(alarm: AodhAlarm, state: unknown): void {
    if (typeof state !== 'string' || !STATES.includes(state))
      throw new AodhRefusal(400, `Invalid input for field/attribute state. Value: '${String(state)}'.`);
    Object.assign(alarm, { state, state_reason: 'Manually set via API', state_timestamp: this.#now() });
  }

  delete(alarm: AodhAlarm): void {
    this.#alarms.delete(alarm.alarm_id);
  }

  /** What fires for an event: alarms of its project whose every query holds. */
  evaluate(event: CeilometerEvent): Firing[] {
    const project = traitOf(event, 'project_id') ?? traitOf(event, 'tenant_id');
    return this.list().flatMap((alarm) => {
      if (!alarm.enabled || alarm.project_id !== project) return [];
      if (alarm.state === 'alarm' && !alarm.repeat_actions) return [];
      if (!matches(alarm.event_rule.event_type, event.event_type)) return [];
      return alarm.event_rule.query.every((query) => holds(query, event)) ? this.#fire(alarm, event) : [];
    });
  }

  #fire(alarm: AodhAlarm, event: CeilometerEvent): Firing[] {
    const reason = `Event <id=${event.message_id},event_type=${event.event_type}> hits the query <query=${pythonDumps(alarm.event_rule.query)}>.`;
    const previous = alarm.state;
    Object.assign(alarm, { state: 'alarm', state_reason: reason, state_timestamp: this.#now() });
    const { alarm_id, name, severity } = alarm;
    const body = {
      alarm_name: name,
      alarm_id,
      severity,
      previous,
      current: 'alarm',
      reason,
      reason_data: { type: 'event', event: { ...event, raw: {}, message_signature: '' } },
    };
    return alarm.alarm_actions.map((url) => ({ url, body }));
  }

  #now(): string {
    return `${new Date(this.clock.now()).toISOString().slice(0, -1)}000`;
  }
}

type Settings = Omit<
  AodhAlarm,
  | 'alarm_id'
  | 'state'
  | 'state_reason'
  | 'state_timestamp'
  | 'timestamp'
  | 'evaluate_timestamp'
  | 'project_id'
  | 'user_id'
>;

/** A request's members, with Aodh's defaults. */
function settings(request: Json): Settings {
  const missing = (field: string) =>
    new AodhRefusal(
      400,
      `Invalid input for field/attribute ${field}. Value: 'None'. Mandatory field missing.`,
    );
  if (typeof request['name'] !== 'string') throw missing('name');
  if (request['type'] !== 'event') throw missing('type');
  const rule = (request['event_rule'] ?? {}) as { event_type?: string; query?: Query[] };
  const query = rule.query ?? [];
  for (const { op = 'eq' } of query)
    if (!OPERATORS[op]) throw new AodhRefusal(400, `Invalid input for field/attribute op. Value: '${op}'.`);
  const event_type = rule.event_type ?? '*';
  const actions = (name: string) => (request[name] as string[] | undefined) ?? [];
  return {
    name: request['name'],
    description: String(request['description'] || `Alarm when ${event_type} event occurred.`),
    type: 'event',
    enabled: request['enabled'] !== false,
    severity: String(request['severity'] ?? 'low'),
    repeat_actions: request['repeat_actions'] === true,
    alarm_actions: actions('alarm_actions'),
    ok_actions: actions('ok_actions'),
    insufficient_data_actions: actions('insufficient_data_actions'),
    time_constraints: [],
    event_rule: { event_type, query },
  };
}

const traitOf = ({ traits }: CeilometerEvent, wanted: string) =>
  traits.find(([name]) => name === wanted)?.[2];

/** Python's fnmatch with `*` and `?`. */
const matches = (pattern: string, text: string) =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  ).test(text);

function holds({ field, op = 'eq', type = '', value }: Query, event: CeilometerEvent): boolean {
  const found = field.startsWith('traits.')
    ? traitOf(event, field.slice('traits.'.length))
    : (event as unknown as Record<string, string>)[field];
  if (found === undefined) return false;
  const wanted = type === 'integer' || type === 'float' ? Number(value) : String(value);
  return OPERATORS[op]?.(typeof wanted === 'number' ? Number(found) : String(found), wanted) ?? false;
}

/** json.dumps(value, sort_keys=True) */
function pythonDumps(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonDumps).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, each]) => `${JSON.stringify(key)}: ${pythonDumps(each)}`).join(', ')}}`;
}
