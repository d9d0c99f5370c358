import { createVirtualClock } from '@nfv-doctor/core/testing';
import test from 'ava';
import fc from 'fast-check';
import { TimerWheel, type WheelEntry } from './timer-wheel.js';

const entry = (): WheelEntry => ({ tick: -1 });

test('entries are due in order, never early, at most a tick late', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 50 }),
      async (delays) => {
        const clock = createVirtualClock();
        const seen = new Map<WheelEntry, number>();
        const wheel = new TimerWheel<WheelEntry>(
          clock,
          5,
          (due) => {
            for (const each of due) seen.set(each, clock.monotonic());
          },
          64,
        );
        const entries = delays.map((delay) => {
          const each = entry();
          wheel.schedule(each, delay);
          return { each, delay };
        });
        await clock.advance(6_000);
        for (const { each, delay } of entries) {
          const late = seen.get(each)! - delay;
          if (!(late >= -0.6 && late <= 5)) throw new Error(`${delay} ms came ${late} ms late`);
        }
        if (clock.pending > 0) throw new Error('a timer waits for nothing');
      },
    ),
    { numRuns: 50 },
  );
  t.pass();
});

test('one timer for all; what is dropped or scheduled anew does not come', async (t) => {
  const clock = createVirtualClock();
  const seen: [WheelEntry, number][] = [];
  const wheel = new TimerWheel<WheelEntry>(clock, 5, (due) =>
    seen.push(...due.map((each): [WheelEntry, number] => [each, clock.monotonic()])),
  );
  const [dropped, moved] = [entry(), entry()];
  for (let index = 0; index < 1000; index++) wheel.schedule(entry(), 100);
  wheel.schedule(dropped, 100);
  wheel.schedule(moved, 100);
  t.is(clock.pending, 1);
  wheel.drop(dropped);
  wheel.schedule(moved, 300);
  await clock.advance(500);
  t.is(seen.length, 1001);
  t.deepEqual(
    seen.filter(([each]) => each === moved || each === dropped),
    [[moved, 300]],
  );
  t.true(wheel.wakeUps <= 3, `${wheel.wakeUps} wake-ups`);
});
