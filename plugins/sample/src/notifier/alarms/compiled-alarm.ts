import type { Alarm, TraitQuery } from '@nfv-doctor/core/plugin-api';
import type { TraitEvent } from '../traits/convert.js';
import { type Condition, compileQuery, traitName } from './query.js';

/** An alarm as Aodh's API shows it, with the members that clients expect beside those Doctor needs. */
export interface StoredAlarm extends Alarm {
  state_reason: string;
  evaluate_timestamp: string;
  time_constraints: unknown[];
}

/** Traits that pick out few alarms, the most selective first. `state` picks out none: it is what changes. */
const SELECTIVE = [
  'instance_id',
  'resource_id',
  'session_id',
  'compute_host',
  'host',
  'display_name',
  'user_id',
];
const CHANGING = new Set(['state', 'old_state', 'project_id', 'tenant_id', 'service']);

/** An alarm ready to be evaluated. */
export interface CompiledAlarm {
  alarm: StoredAlarm;
  /** Conditions on `state`: what makes the difference between `alarm` and `ok`. */
  stateConditions: Condition[];
  otherConditions: Condition[];
  /** Equality by which the alarm is found. */
  key?: { trait: string; value: string };
  /** json.dumps of the query, as the reason has it. */
  queryText: string;
  /** Resources in alarm, when the query does not name one. */
  alarmed: Set<string>;
}

function indexKey(queries: readonly TraitQuery[]): CompiledAlarm['key'] {
  const usable = queries.flatMap((query) => {
    const trait = traitName(query);
    const plain = (query.op ?? 'eq') === 'eq' && (query.type === 'string' || !query.type);
    return plain && trait !== undefined && !CHANGING.has(trait)
      ? [{ trait, value: String(query.value) }]
      : [];
  });
  // numbers without a type compare by value ("1" and "1.0"), which a lookup by text would miss
  const textual = usable.filter(({ value }) => value.trim() === '' || !Number.isFinite(Number(value)));
  const rank = ({ trait }: { trait: string }) =>
    (SELECTIVE.indexOf(trait) + SELECTIVE.length + 1) % (SELECTIVE.length + 1);
  return textual.toSorted((a, b) => rank(a) - rank(b))[0];
}

/** json.dumps(..., sort_keys=True) of Python, for the reason text. */
function dumps(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(dumps).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}: ${dumps(member)}`).join(', ')}}`;
}

/** @throws DoctorError INPUT_INVALID for a value that does not fit its type */
export function compileAlarm(alarm: StoredAlarm): CompiledAlarm {
  const { query } = alarm.event_rule;
  const conditions = query.map((each, index) => ({
    name: traitName(each),
    condition: compileQuery(each, index),
  }));
  const key = indexKey(query);
  return {
    alarm,
    stateConditions: conditions.filter(({ name }) => name === 'state').map(({ condition }) => condition),
    otherConditions: conditions.filter(({ name }) => name !== 'state').map(({ condition }) => condition),
    ...(key ? { key } : {}),
    queryText: dumps(query),
    alarmed: new Set(),
  };
}

const every = (conditions: Condition[], event: TraitEvent) =>
  conditions.every((condition) => condition(event));

/** `hit`: all conditions hold; `cleared`: all but the one on the state; `miss`: another resource or kind of event. */
export function evaluate(compiled: CompiledAlarm, event: TraitEvent): 'hit' | 'cleared' | 'miss' {
  if (!every(compiled.otherConditions, event)) return 'miss';
  if (every(compiled.stateConditions, event)) return 'hit';
  return 'cleared';
}
