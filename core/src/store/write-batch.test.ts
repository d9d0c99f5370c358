import test from 'ava';
import { createWriteBatch } from './write-batch.js';

test('what comes while a write is under way shares the next one, in order', async (t) => {
  const writes: number[][] = [];
  let finish: (() => void) | undefined;
  const batch = createWriteBatch<number>(
    async (items) => {
      writes.push(items);
      if (writes.length === 1)
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
    },
    { limit: 3 },
  );
  const first = batch.add(1);
  while (!finish) await new Promise((resolve) => setImmediate(resolve));
  const rest = [2, 3, 4, 5].map((item) => batch.add(item));
  t.deepEqual(writes, [[1]]);
  finish();
  await Promise.all([first, ...rest]);
  t.deepEqual(writes, [[1], [2, 3, 4], [5]]);
});

test('a failed write is told to its callers only', async (t) => {
  let fail = true;
  const batch = createWriteBatch<number>(async () => {
    if (fail) throw new Error('disk full');
  });
  await t.throwsAsync(batch.add(1), { message: 'disk full' });
  fail = false;
  await t.notThrowsAsync(batch.add(2));
  await batch.idle();
});

test('an item that cannot be written does not take the others with it', async (t) => {
  const written: number[] = [];
  const batch = createWriteBatch<number>(async (items) => {
    if (items.includes(2)) throw new Error('no');
    written.push(...items);
  });
  const results = await Promise.allSettled([1, 2, 3].map((item) => batch.add(item)));
  t.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  t.deepEqual(written, [1, 3]);
});
