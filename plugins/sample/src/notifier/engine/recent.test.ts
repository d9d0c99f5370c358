import test from 'ava';
import { Recent } from './recent.js';

test('the newest half is always remembered, never more than the limit', (t) => {
  const recent = new Recent<number>(10);
  for (let index = 0; index < 100; index++) {
    recent.set(String(index), index);
    for (let back = 0; back < Math.min(5, index + 1); back++)
      t.is(recent.get(String(index - back)), index - back);
    t.true([...Array(index + 1).keys()].filter((each) => recent.has(String(each))).length <= 10);
  }
  t.false(recent.has('0'));
});

test('a key set again has the new value; a deleted one is gone', (t) => {
  const recent = new Recent<number>(4);
  for (const [key, value] of [
    ['a', 1],
    ['b', 2],
    ['a', 3],
    ['c', 4],
    ['a', 5],
  ] as const)
    recent.set(key, value);
  t.is(recent.get('a'), 5);
  recent.delete('a');
  t.false(recent.has('a'));
});
