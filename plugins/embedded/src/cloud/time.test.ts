import test from 'ava';
import { isoDatabase, isoKeystone, isoMicro, isoSeconds, oslo, sqlSeconds } from './time.js';

test('moments are written as each service writes them, also again and again', (t) => {
  const ms = Date.UTC(2026, 10, 23, 16, 17, 42, 331);
  for (const round of [1, 2]) {
    t.is(isoSeconds(ms), '2026-11-23T16:17:42Z', `round ${round}`);
    t.is(isoDatabase(ms), '2026-11-23T16:17:42.000000');
    t.is(isoKeystone(ms + 600), '2026-11-23T16:17:42.000000Z');
    t.is(isoMicro(ms), '2026-11-23T16:17:42.331000');
    t.is(oslo(ms), '2026-11-23 16:17:42.331000');
    t.is(sqlSeconds(ms), '2026-11-23 16:17:42');
  }
  // More moments than are kept.
  for (let at = 0; at < 3000; at += 1) isoSeconds(ms + at * 1000);
  t.is(isoSeconds(ms), '2026-11-23T16:17:42Z');
});
