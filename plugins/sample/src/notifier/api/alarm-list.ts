import { DoctorError } from '@nfv-doctor/core/plugin-api';
import type { StoredAlarm } from '../alarms/compiled-alarm.js';

type Query = Record<string, string | string[] | undefined>;

const FIELDS = [
  'alarm_id',
  'name',
  'project_id',
  'user_id',
  'type',
  'enabled',
  'state',
  'severity',
  'description',
] as const;
const SORT_KEYS = [...FIELDS, 'timestamp', 'state_timestamp'] as const;
const KNOWN = new Set(['q.field', 'q.op', 'q.value', 'q.type', 'limit', 'marker', 'sort']);

const list = (value: string | string[] | undefined): string[] => (value === undefined ? [] : [value].flat());
const invalid = (field: string, text: string): never => {
  throw new DoctorError('INPUT_INVALID', text, { details: { field } });
};

function filters(query: Query): ((alarm: StoredAlarm) => boolean)[] {
  const [fields, values, ops] = [list(query['q.field']), list(query['q.value']), list(query['q.op'])];
  return fields.map((field, index) => {
    const op = ops[index] || 'eq';
    if (op !== 'eq' && op !== 'ne') invalid('q.op', `q.op must be eq or ne, found ${op}`);
    // whoever may see them all sees them all already
    if (field === 'all_projects') return () => true;
    if (!(FIELDS as readonly string[]).includes(field))
      invalid('q.field', `q.field must be one of: ${FIELDS.join(', ')}, all_projects; found ${field}`);
    const wanted = values[index] ?? invalid('q.value', `q.value is missing for ${field}`);
    const expected = field === 'enabled' ? wanted.toLowerCase() : wanted;
    return (alarm) => (String(alarm[field as keyof StoredAlarm]) === expected) === (op === 'eq');
  });
}

function sorter(sort: string): (a: StoredAlarm, b: StoredAlarm) => number {
  const [key = '', direction = 'asc'] = sort.split(':');
  if (!(SORT_KEYS as readonly string[]).includes(key) || !['asc', 'desc'].includes(direction))
    invalid(
      'sort',
      `sort must be <key>:asc or <key>:desc with a key of: ${SORT_KEYS.join(', ')}; found ${sort}`,
    );
  const sign = direction === 'asc' ? 1 : -1;
  return (a, b) => {
    const [left, right] = [String(a[key as keyof StoredAlarm]), String(b[key as keyof StoredAlarm])];
    return left === right ? 0 : left < right ? -sign : sign;
  };
}

function limitOf(value: string | undefined): number {
  if (value === undefined) return Number.POSITIVE_INFINITY;
  if (!/^[1-9]\d{0,8}$/.test(value)) invalid('limit', `limit must be a positive integer, found ${value}`);
  return Number(value);
}

/** Aodh's query of the list: `q.field`, `q.op`, `q.value`, `sort`, `marker`, `limit`. Newest first unless told otherwise. */
export function selectAlarms(alarms: readonly StoredAlarm[], query: Query): StoredAlarm[] {
  const unknown = Object.keys(query).find((key) => !KNOWN.has(key));
  if (unknown !== undefined) invalid(unknown, `unknown query parameter ${unknown}`);
  const tests = filters(query);
  let found = alarms.filter((alarm) => tests.every((holds) => holds(alarm)));
  const sorts = list(query.sort).length > 0 ? list(query.sort) : ['timestamp:desc'];
  for (const sort of sorts.toReversed()) found = found.toSorted(sorter(sort));
  const [marker] = list(query.marker);
  if (marker !== undefined) {
    const at = found.findIndex(({ alarm_id: id }) => id === marker);
    if (at < 0)
      throw new DoctorError('NOT_FOUND', `Alarm ${marker} not found`, { details: { field: 'marker' } });
    found = found.slice(at + 1);
  }
  return found.slice(0, limitOf(list(query.limit)[0]));
}
