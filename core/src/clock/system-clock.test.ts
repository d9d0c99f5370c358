import test from 'ava';
import { systemClock } from './system-clock.js';

test('sleep ends in time, and with the reason of its signal', async (t) => {
  const began = systemClock.monotonic();
  await systemClock.sleep(20);
  t.true(systemClock.monotonic() - began >= 19);
  const controller = new AbortController();
  const sleeping = systemClock.sleep(60_000, controller.signal);
  controller.abort(new Error('enough'));
  await t.throwsAsync(sleeping, { message: 'enough' });
  await t.throwsAsync(systemClock.sleep(1, AbortSignal.abort(new Error('before'))), { message: 'before' });
});

test('a cancelled timer is not called', async (t) => {
  const called: string[] = [];
  systemClock.setTimeout(() => called.push('cancelled'), 1).cancel();
  await new Promise<void>((resolve) => systemClock.setTimeout(resolve, 10));
  t.deepEqual(called, []);
});

test('an interval goes on until it is cancelled', async (t) => {
  let count = 0;
  await new Promise<void>((resolve) => {
    const timer = systemClock.setInterval(() => {
      if (++count === 3) {
        timer.cancel();
        resolve();
      }
    }, 1);
  });
  await systemClock.sleep(10);
  t.is(count, 3);
});
