import test from 'ava';
import type { AlarmNotification } from '../domain/alarm.js';
import { readMessage } from './message.js';

/** As Aodh posted it of the original Doctor's sample admin tool. */
const alarm = (traits: [string, number, unknown][]): AlarmNotification => ({
  alarm_id: 'eb26dd5a',
  previous: 'insufficient data',
  current: 'alarm',
  reason: 'Event hits the query <query=[]>.',
  reason_data: {
    type: 'event',
    event: {
      message_id: 'm-1',
      event_type: 'maintenance.scheduled',
      generated: '2026-11-23T16:54:37.975675',
      traits,
    },
  },
});
const traits: [string, number, unknown][] = [
  ['service', 1, 'admin_tool'],
  ['project_id', 1, 'effef65f'],
  ['allowed_actions', 1, "['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION']"],
  ['instance_ids', 1, 'http://127.0.0.1:12347/maintenance/s/effef65f'],
  ['reply_url', 1, 'http://127.0.0.1:12347/maintenance/s/effef65f'],
  ['state', 1, 'SCALE_IN'],
  ['session_id', 1, 's'],
  ['metadata', 1, "{'openstack_version': 'Tra"],
  ['actions_at', 4, '2026-11-23T16:55:07'],
];

test("an alarm of the original's is understood, metadata cut or not", (t) => {
  t.deepEqual(readMessage(alarm(traits)), {
    id: 'm-1',
    sessionId: 's',
    projectId: 'effef65f',
    state: 'DOWN_SCALE',
    word: 'SCALE_IN',
    instanceIds: 'http://127.0.0.1:12347/maintenance/s/effef65f',
    replyUrl: 'http://127.0.0.1:12347/maintenance/s/effef65f',
    allowedActions: ['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION'],
  });
});

test('lists as JSON, as repr, as Python 2 wrote them, and cut', (t) => {
  const actions = (value: unknown) =>
    readMessage(
      alarm(traits.map((each) => (each[0] === 'allowed_actions' ? ['allowed_actions', 1, value] : each))),
    ).allowedActions;
  t.deepEqual(actions(['MIGRATE']), ['MIGRATE']);
  t.deepEqual(actions("[u'MIGRATE', u'OWN_ACTION']"), ['MIGRATE', 'OWN_ACTION']);
  t.deepEqual(actions("['LIVE_MIGRATE', 'OWN_A"), ['LIVE_MIGRATE']);
  t.deepEqual(actions('[]'), []);
});

test("Fenix's instance list of one, and deadlines", (t) => {
  const done = traits.map((each): [string, number, unknown] =>
    each[0] === 'instance_ids'
      ? ['instance_ids', 1, "['b04069e2']"]
      : each[0] === 'state'
        ? ['state', 1, 'INSTANCE_ACTION_DONE']
        : each,
  );
  t.like(readMessage(alarm([...done, ['reply_at', 4, '2026-11-23T16:55:07']])), {
    instanceIds: 'b04069e2',
    state: 'ADMIN_ACTION_DONE',
    replyAt: Date.UTC(2026, 10, 23, 16, 55, 7),
  });
});

test('what lacks a trait, or says nothing known, is refused', (t) => {
  t.throws(() => readMessage(alarm(traits.filter(([name]) => name !== 'reply_url'))), {
    message: /reply_url/,
  });
  t.throws(
    () => readMessage(alarm(traits.map((each) => (each[0] === 'state' ? ['state', 1, 'HOLIDAY'] : each)))),
    { message: /HOLIDAY/ },
  );
});
