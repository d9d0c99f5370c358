import test from 'ava';
import { createEventBus } from '../bus/index.js';
import { silentLogger } from '../log/index.js';
import { createVirtualClock } from '../testing/virtual-clock.js';
import { CHECKPOINT_NAMES, Profiler, percentilesOf } from './profiler.js';
import { formatMs, timeline } from './timeline.js';

function fault(ids: string[]) {
  const events = createEventBus(createVirtualClock(), silentLogger);
  const profiler = new Profiler(events);
  events.checkpoint({ name: 'T00', at: 1000, hostname: 'compute-1' });
  events.checkpoint({ name: 'T01', at: 1100, hostname: 'compute-1' });
  events.checkpoint({ name: 'T02', at: 1101, hostname: 'compute-1' });
  events.checkpoint({ name: 'T04', at: 1103, hostname: 'compute-1' });
  for (const [index, instanceId] of ids.entries())
    for (const [step, name] of (['T03', 'T05', 'T06', 'T07', 'T08', 'T09'] as const).entries())
      events.checkpoint({ name, at: 1104 + step + index * 10, instanceId });
  return { events, profiler };
}

test('all ten checkpoints of each instance, counted from the cut', (t) => {
  const { profiler } = fault(['a', 'b']);
  const profile = profiler.profile('compute-1', ['a', 'b']);
  t.deepEqual(Object.keys(profile?.last.checkpoints ?? {}), CHECKPOINT_NAMES);
  t.is(profile?.last.instanceId, 'b');
  t.is(profile?.last.checkpoints.T09, 119);
  t.is(profile?.detectionTimeMs, 100);
  t.is(profile?.notificationTimeMs, 19);
  t.deepEqual(profile?.percentiles.T09, { min: 109, median: 109, p90: 119, p99: 119, max: 119 });
});

test('repetitions, other hosts and what was before the cut do not count', (t) => {
  const { events, profiler } = fault(['a']);
  events.checkpoint({ name: 'T09', at: 5000, instanceId: 'a' });
  events.checkpoint({ name: 'T01', at: 1001, hostname: 'compute-2' });
  events.checkpoint({ name: 'T04', at: 900, hostname: 'compute-1' });
  t.like(profiler.profile('compute-1', ['a']), { detectionTimeMs: 100, notificationTimeMs: 9 });
});

test('an instance that was not notified is the last, and there is no notification time', (t) => {
  const { profiler } = fault(['a']);
  const profile = profiler.profile('compute-1', ['a', 'silent']);
  t.is(profile?.last.instanceId, 'silent');
  t.is(profile?.notificationTimeMs, undefined);
  t.true(timeline(profile as never).includes('T09 not observed'));
});

test('without a cut there is no profile', (t) => {
  t.is(fault(['a']).profiler.profile('compute-9', ['a']), undefined);
});

test('percentiles are by nearest rank', (t) => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  t.deepEqual(percentilesOf(values), { min: 1, median: 50, p90: 90, p99: 99, max: 100 });
  t.deepEqual(percentilesOf([7]), { min: 7, median: 7, p90: 7, p99: 7, max: 7 });
});

test('the time line has a line per checkpoint, of equal width, and no colours unless asked', (t) => {
  const profile = fault(['a']).profiler.profile('compute-1', ['a']) as never;
  const lines = timeline(profile, { width: 20 }).split('\n');
  t.is(lines.length, 12);
  t.regex(lines[2] ?? '', /^ {2}T01 +100 ms +\+0 ms {2}● +raw failure reported by the monitor$/);
  t.false(lines.join('').includes('\u001b'));
  t.true(timeline(profile, { colour: true }).includes('\u001b['));
});

test('milliseconds are shown in the unit that people read', (t) => {
  t.deepEqual([0, 0.084, 12.44, 143.2, 1930, 182_400].map(formatMs), [
    '0 ms',
    '0.08 ms',
    '12.4 ms',
    '143 ms',
    '1.93 s',
    '3 min 2 s',
  ]);
});
