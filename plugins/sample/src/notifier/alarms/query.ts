import { DoctorError, type Trait, type TraitQuery } from '@nfv-doctor/core/plugin-api';
import { parseTime } from '../traits/datetime.js';
import type { TraitEvent } from '../traits/convert.js';

export type Condition = (event: TraitEvent) => boolean;
type Comparable = string | number;

const COMPARE: Record<string, (left: Comparable, right: Comparable) => boolean> = {
  eq: (left, right) => left === right,
  ne: (left, right) => left !== right,
  lt: (left, right) => left < right,
  le: (left, right) => left <= right,
  gt: (left, right) => left > right,
  ge: (left, right) => left >= right,
};

const invalid = (query: TraitQuery, index: number, what: string): never => {
  throw new DoctorError('INPUT_INVALID', `event_rule.query.${index}.value ${what}`, {
    details: { field: `event_rule.query.${index}.value`, found: String(query.value).slice(0, 100) },
  });
};

const BOOLEANS: Record<string, string> = {
  true: 'True',
  '1': 'True',
  yes: 'True',
  on: 'True',
  false: 'False',
  '0': 'False',
  no: 'False',
  off: 'False',
};

/** The wanted value in the query's type. Throws INPUT_INVALID. */
function wantedValue(query: TraitQuery, index: number): Comparable {
  const text = typeof query.value === 'boolean' ? (query.value ? 'True' : 'False') : String(query.value);
  switch (query.type) {
    case 'integer':
      return /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : invalid(query, index, 'is no integer');
    case 'float':
      return text.trim() !== '' && Number.isFinite(Number(text))
        ? Number(text)
        : invalid(query, index, 'is no number');
    case 'datetime':
      return parseTime(text) ?? invalid(query, index, 'is no ISO 8601 time');
    case 'boolean':
      return BOOLEANS[text.toLowerCase()] ?? invalid(query, index, 'is no boolean');
    default:
      return text;
  }
}

const traitValue = ([, type, value]: Trait): Comparable =>
  type === 4 ? (parseTime(String(value)) ?? String(value)) : value;

/** Without a type the trait's own decides. */
function untyped(wanted: string, [, type]: Trait): Comparable {
  if (type === 4) return parseTime(wanted) ?? wanted;
  return (type === 2 || type === 3) && wanted.trim() !== '' && Number.isFinite(Number(wanted))
    ? Number(wanted)
    : wanted;
}

const TRAITS = 'traits.';

/** The trait that a query is about; undefined when it is about the event itself. */
export function traitName({ field }: TraitQuery): string | undefined {
  if (field.startsWith(TRAITS)) return field.slice(TRAITS.length);
  return field === 'event_type' || field === 'message_id' || field === 'generated' ? undefined : field;
}

/** @throws DoctorError INPUT_INVALID that names the field */
export function compileQuery(query: TraitQuery, index: number): Condition {
  const wanted = wantedValue(query, index);
  const op = query.op ?? 'eq';
  const compare = COMPARE[op] ?? (() => false);
  const name = traitName(query);
  if (name === undefined) return (event) => compare(ownMember(event, query.field), wanted);
  const typed = Boolean(query.type);
  return (event) => {
    const trait = event.values.get(name);
    // an absent trait differs from any value, and has no order
    if (!trait) return op === 'ne';
    const right = typed ? wanted : untyped(String(wanted), trait);
    const left = traitValue(trait);
    if (typeof left === typeof right) return compare(left, right);
    return op === 'ne';
  };
}

const ownMember = (event: TraitEvent, field: string): string =>
  field === 'event_type' ? event.eventType : field === 'message_id' ? event.messageId : event.generated;
