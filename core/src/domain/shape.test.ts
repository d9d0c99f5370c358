import test from 'ava';
import { FaultEventSchema } from './fault.js';
import { checkShape } from './shape.js';

const good = {
  time: '2030-01-01T00:00:00Z',
  type: 'compute.host.down',
  details: { hostname: 'a', status: 'down', monitor: 'm', monitor_event_id: '1' },
};

test('what fits is given back', (t) =>
  t.is<unknown, unknown>(checkShape(FaultEventSchema, good, 'event'), good));

for (const [name, value, message] of [
  ['a missing field', { ...good, time: undefined }, /^event\.time: .*found nothing$/],
  [
    'a field of the wrong type',
    { ...good, details: { ...good.details, hostname: 7 } },
    /^event\.details\.hostname: expected string, found 7$/,
  ],
  ['no object', null, /^event: expected object, found null$/],
] as const)
  test(`${name} is named`, (t) => {
    t.throws(() => checkShape(FaultEventSchema, value, 'event'), { message, code: 'INPUT_INVALID' });
  });
