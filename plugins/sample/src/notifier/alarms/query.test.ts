import type { TraitQuery } from '@nfv-doctor/core/plugin-api';
import test from 'ava';
import { toTraitEvent } from '../traits/convert.js';
import { fnmatchRegExp } from './fnmatch.js';
import { compileQuery } from './query.js';

const event = toTraitEvent({
  messageId: 'm',
  publisherId: 'compute.x',
  eventType: 'compute.instance.update',
  priority: 'INFO',
  timestamp: '2030-01-01 00:00:00',
  payload: {
    tenant_id: 'p',
    instance_id: 'i',
    state: 'error',
    memory_mb: 512,
    launched_at: '2030-01-01T12:00:00.000000',
  },
});

const cases: [field: string, op: string, value: string | number | boolean, type: string, holds: boolean][] = [
  ['traits.state', 'eq', 'error', 'string', true],
  ['state', 'eq', 'error', '', true],
  ['traits.state', 'ne', 'error', 'string', false],
  ['traits.memory_mb', 'eq', '512', 'integer', true],
  ['traits.memory_mb', 'eq', 512, '', true],
  ['traits.memory_mb', 'ge', '513', 'integer', false],
  ['traits.memory_mb', 'lt', '512.5', 'float', true],
  ['traits.memory_mb', 'eq', '512', 'string', false],
  ['traits.launched_at', 'gt', '2030-01-01T11:59:59', 'datetime', true],
  ['traits.launched_at', 'le', '2030-01-01T13:00:00+02:00', 'datetime', false],
  ['traits.launched_at', 'gt', '2029-12-31 00:00:00', '', true],
  ['traits.absent', 'eq', '', 'string', false],
  ['traits.absent', 'ne', 'x', 'string', true],
  ['traits.absent', 'lt', '5', 'integer', false],
  ['event_type', 'eq', 'compute.instance.update', '', true],
];
for (const [field, op, value, type, holds] of cases)
  test(`${field} ${op} ${value} (${type || 'no type'})`, (t) =>
    t.is(compileQuery({ field, op, value, type } as TraitQuery, 0)(event), holds));

for (const [value, type] of [
  ['x', 'integer'],
  ['1.5', 'integer'],
  ['', 'float'],
  ['yesterday', 'datetime'],
  ['maybe', 'boolean'],
] as const)
  test(`${value || 'nothing'} is no ${type}`, (t) => {
    const error = t.throws(
      () => compileQuery({ field: 'traits.a', op: 'eq', value, type } as TraitQuery, 2),
      { code: 'INPUT_INVALID' },
    );
    t.is((error as unknown as { details: { field: string } }).details.field, 'event_rule.query.2.value');
  });

const patterns: [pattern: string, text: string, matches: boolean][] = [
  ['compute.instance.*', 'compute.instance.update', true],
  ['compute.instance.*', 'computeXinstance.update', false],
  ['compute.instance.updat?', 'compute.instance.update', true],
  ['[a-c]x', 'bx', true],
  ['[!a-c]x', 'bx', false],
  ['a[', 'a[', true],
  ['[z-a]', 'b', false],
  ['*', '', true],
];
for (const [pattern, text, matches] of patterns)
  test(`fnmatch ${pattern} ${text}`, (t) => t.is(fnmatchRegExp(pattern).test(text), matches));

test('a pattern of many stars is no way to stop the notifier', (t) => {
  const started = performance.now();
  t.false(fnmatchRegExp(`${'*'.repeat(200)}b`).test('a'.repeat(200)));
  t.true(performance.now() - started < 1000);
});
