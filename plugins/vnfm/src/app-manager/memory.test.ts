import type { ApplicationRecord, AppMessage, MaintenanceState } from '@nfv-doctor/core/plugin-api';
import test from 'ava';
import { constraints, group, instance } from '../constraints/constraints.test.helper.js';
import { hear, memoryOf } from './memory.js';

const given = constraints({ a: instance(), b: instance() }, group(['a', 'b']), group(['c'], { name: 'h' }));
const message = (state: MaintenanceState, more: Partial<AppMessage> = {}): AppMessage => ({
  id: 'm',
  sessionId: 'one',
  projectId: 'p',
  state,
  word: state,
  instanceIds: 'http://127.0.0.1:1/instances',
  replyUrl: 'http://127.0.0.1:1/reply',
  allowedActions: [],
  ...more,
});
const record = (touched: Record<string, string>) => {
  const made = {} as ApplicationRecord;
  memoryOf(made).touched = touched;
  return made;
};

test('an action that is done is over, for its group only; what is heard twice changes nothing', (t) => {
  const memory = memoryOf(record({ a: 'one', c: 'one' }));
  hear(memory, message('ADMIN_ACTION_DONE', { instanceIds: 'a' }), given, 500);
  t.deepEqual(memory.touched, { c: 'one' });
  t.deepEqual(memory.actionEndedAt, { g: 500 });
  hear(memory, message('ADMIN_ACTION_DONE', { instanceIds: 'b' }), given, 700);
  hear(memory, message('ADMIN_ACTION_DONE', { instanceIds: 'a' }), given, 500);
  t.deepEqual(memory.actionEndedAt, { g: 700 });
});

test('the next question of a session ends what it was allowed before, lost reports or not; other sessions go on', (t) => {
  for (const state of [
    'DOWN_SCALE',
    'PLANNED_MAINTENANCE',
    'MAINTENANCE_COMPLETE',
    'MAINTENANCE_FAILED',
  ] as const) {
    const memory = memoryOf(record({ a: 'one', b: 'two' }));
    hear(memory, message(state), given, 900);
    t.deepEqual(memory.touched, { b: 'two' }, state);
    t.deepEqual(memory.actionEndedAt, { g: 900 }, state);
  }
  const memory = memoryOf(record({ a: 'one' }));
  hear(memory, message('MAINTENANCE'), given, 900);
  t.deepEqual(memory.touched, { a: 'one' });
});

test('memory is the record: what is noted is stored with it', (t) => {
  const stored = record({ a: 'one' });
  memoryOf(stored).actionEndedAt['g'] = 7;
  const again = memoryOf(JSON.parse(JSON.stringify(stored)) as ApplicationRecord);
  t.deepEqual(again, { touched: { a: 'one' }, actionEndedAt: { g: 7 }, handed: {} });
});
