import test from 'ava';
import { createVirtualClock } from '../testing/virtual-clock.js';
import type { FaultEvent } from './fault.js';
import { FaultLedger } from './fault-ledger.js';

let count = 0;
const event = (status: 'down' | 'up', hostname = 'host-1', at = ++count): FaultEvent => ({
  time: new Date(Date.UTC(2030, 0, 1, 0, 0, at)).toISOString(),
  type: `compute.host.${status}`,
  details: { hostname, status, monitor: 'test', monitor_event_id: `event-${++count}` },
});
const ledger = () => new FaultLedger(createVirtualClock());

test('raised, unchanged, cleared; duplicates and what is older change nothing', (t) => {
  const books = ledger();
  const down = event('down');
  t.is(books.accept(down), 'raised');
  t.is(books.accept(down), 'duplicate');
  t.is(books.accept(event('down')), 'unchanged');
  t.is(books.accept(event('up', 'host-1', 0)), 'stale');
  t.is(books.accept(event('up')), 'cleared');
  t.is(books.accept(event('up')), 'unchanged');
  t.deepEqual(books.faults(), []);
  const [fault] = books.faults({ includeCleared: true });
  t.is(fault?.state, 'cleared');
  t.deepEqual(
    fault?.evidence.map(({ verdict }) => verdict),
    ['raised', 'duplicate', 'unchanged', 'stale', 'cleared'],
  );
});

test('an event that could not be handed over may come again', (t) => {
  const books = ledger();
  const down = event('down');
  t.is(books.accept(down), 'raised');
  books.retract(down);
  t.deepEqual(books.active(), []);
  t.is(books.accept(down), 'raised');
  const up = event('up');
  t.is(books.accept(up), 'cleared');
  books.retract(up);
  t.is(books.active().length, 1);
  t.is(books.active()[0]?.state, 'active');
  t.is(books.active()[0]?.clearedAt, undefined);
  t.is(books.accept(up), 'cleared');
  t.is(books.faults({ includeCleared: true }).length, 1);
  t.is(books.faultOf(up)?.state, 'cleared');
});

test('a host in maintenance: recorded, and raised afterwards when it is still down', (t) => {
  const books = ledger();
  const message = { session_id: 's', project_id: 'p', host: 'host-1' };
  t.deepEqual(books.maintenance({ ...message, state: 'IN_MAINTENANCE' }), []);
  t.is(books.accept(event('down')), 'suppressed');
  t.is(books.accept(event('down', 'host-2')), 'raised');
  t.is(books.faults().length, 1);
  const [waiting] = books.maintenance({ ...message, state: 'MAINTENANCE_COMPLETE' });
  t.is(waiting?.resource, 'host-1');
  t.is(books.faults().length, 2);
});
