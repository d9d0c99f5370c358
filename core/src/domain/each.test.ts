import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { mapBounded } from './each.js';

test('keeps the order of the items and never runs more than the limit at once', async (t) => {
  let running = 0;
  let most = 0;
  const results = await mapBounded([5, 1, 4, 2, 3], 2, async (turns) => {
    most = Math.max(most, ++running);
    for (let i = 0; i < turns; i++) await turn();
    running--;
    return turns * 10;
  });
  t.deepEqual(results, [50, 10, 40, 20, 30]);
  t.is(most, 2);
});

test('after an error begins nothing more, waits for what runs, and throws the first error', async (t) => {
  const ended: number[] = [];
  const failed = mapBounded([1, 2, 3, 4], 2, async (item) => {
    if (item === 1) throw new Error('first');
    await turn();
    ended.push(item);
  });
  await t.throwsAsync(failed, { message: 'first' });
  t.deepEqual(ended, [2]);
});

test('an aborted signal ends it with its reason', async (t) => {
  const controller = new AbortController();
  const begun: number[] = [];
  const aborted = mapBounded(
    [1, 2, 3],
    1,
    async (item) => {
      begun.push(item);
      controller.abort(new Error('stop'));
    },
    controller.signal,
  );
  await t.throwsAsync(aborted, { message: 'stop' });
  t.deepEqual(begun, [1]);
});
