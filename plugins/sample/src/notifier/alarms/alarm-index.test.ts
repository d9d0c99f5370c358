import fc from 'fast-check';
import test from 'ava';
import { toTraitEvent } from '../traits/convert.js';
import { AlarmIndex } from './alarm-index.js';
import { type CompiledAlarm, compileAlarm, evaluate, type StoredAlarm } from './compiled-alarm.js';
import { fnmatchRegExp } from './fnmatch.js';

const alarmOf = (id: number, project: string, eventType: string, query: [string, string][]): CompiledAlarm =>
  compileAlarm({
    alarm_id: String(id),
    project_id: project,
    event_rule: {
      event_type: eventType,
      query: query.map(([field, value]) => ({ field: `traits.${field}`, op: 'eq', type: 'string', value })),
    },
  } as unknown as StoredAlarm);

const oneOf = (...values: string[]) => fc.constantFrom(...values);
const arbitraryAlarm = fc.record({
  project: oneOf('p', 'q'),
  eventType: oneOf('compute.instance.update', 'compute.instance.*', '*', 'maintenance.host'),
  query: fc.uniqueArray(
    fc.tuple(oneOf('instance_id', 'display_name', 'state', 'compute_host'), oneOf('a', 'b', '1')),
    {
      maxLength: 3,
      selector: ([field]) => field,
    },
  ),
});
const arbitraryEvent = fc.record({
  project: oneOf('p', 'q', 'r'),
  eventType: oneOf('compute.instance.update', 'compute.instance.exists', 'maintenance.host'),
  instance_id: oneOf('a', 'b', '1'),
  display_name: oneOf('a', 'b', '1'),
  state: oneOf('a', 'b'),
  host: oneOf('a', 'b'),
});

const idsOf = (alarms: CompiledAlarm[]) =>
  alarms.map(({ alarm }) => Number(alarm.alarm_id)).toSorted((a, b) => a - b);

test('the index finds every alarm that a look at all of them finds, and none after it was deleted', (t) => {
  fc.assert(
    fc.property(
      fc.array(arbitraryAlarm, { maxLength: 20 }),
      fc.array(arbitraryEvent, { minLength: 1, maxLength: 5 }),
      fc.array(fc.boolean()),
      (alarms, events, deleted) => {
        const index = new AlarmIndex();
        const all = alarms.map(({ project, eventType, query }, id) => alarmOf(id, project, eventType, query));
        for (const alarm of all) index.add(alarm);
        const left = all.filter((alarm, id) => {
          if (deleted[id]) index.delete(alarm);
          return !deleted[id];
        });
        for (const { project, eventType, ...payload } of events) {
          const event = toTraitEvent({
            messageId: 'm',
            publisherId: 'x.y',
            eventType,
            priority: 'INFO',
            timestamp: '2030-01-01 00:00:00',
            payload: { tenant_id: project, ...payload },
          });
          const expected = left.filter(
            (each) =>
              each.alarm.project_id === project &&
              fnmatchRegExp(each.alarm.event_rule.event_type).test(eventType) &&
              evaluate(each, event) !== 'miss',
          );
          const found = index.candidates(event).filter((each) => evaluate(each, event) !== 'miss');
          t.deepEqual(idsOf(found), idsOf(expected));
        }
      },
    ),
    { numRuns: 300, seed: 1 },
  );
});
