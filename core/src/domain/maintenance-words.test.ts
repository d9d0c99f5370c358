import test from 'ava';
import { maintenanceAnswer, maintenanceState, maintenanceWord } from './maintenance-words.js';

test('both vocabularies mean the same states', (t) => {
  t.is(maintenanceState('SCALE_IN'), 'DOWN_SCALE');
  t.is(maintenanceState('DOWN_SCALE'), 'DOWN_SCALE');
  t.is(maintenanceState('INSTANCE_ACTION_DONE'), 'ADMIN_ACTION_DONE');
  t.is(maintenanceState('NO_SUCH_STATE'), undefined);
  t.is(maintenanceWord('DOWN_SCALE', 'fenix'), 'SCALE_IN');
  t.is(maintenanceWord('DOWN_SCALE'), 'DOWN_SCALE');
  t.is(maintenanceWord('MAINTENANCE', 'fenix'), 'MAINTENANCE');
});

test('an answer is ACK or NACK and a known state', (t) => {
  t.deepEqual(maintenanceAnswer('ACK_SCALE_IN'), { verdict: 'ACK', state: 'DOWN_SCALE' });
  t.deepEqual(maintenanceAnswer('NACK_PLANNED_MAINTENANCE'), {
    verdict: 'NACK',
    state: 'PLANNED_MAINTENANCE',
  });
  for (const word of ['MAINTENANCE', 'ACK_', 'ACK_X', 'ack_MAINTENANCE', 'ACK_MAINTENANCE ', ''])
    t.is(maintenanceAnswer(word), undefined, word);
});
