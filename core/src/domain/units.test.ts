import { assert, nat, property } from 'fast-check';
import test from 'ava';
import { formatBytes, formatDuration, parseBytes, parseDuration } from './units.js';

for (const [text, ms] of Object.entries({
  '100ms': 100,
  '3 min': 180_000,
  '1h': 3_600_000,
  '1h 30min': 5_400_000,
  '0.5 s': 500,
  '2 days': 172_800_000,
  '250us': 0.25,
  '5 Minutes': 300_000,
}))
  test(`${text} is ${ms} ms`, (t) => t.is(parseDuration(text), ms));

for (const text of ['', 'ms', '5', '5 parsecs', '1h x', '-5s', '1e3s', '5s!'])
  test(`"${text}" is no duration`, (t) => t.is(parseDuration(text), undefined));

test('what is printed is read as the same', (t) => {
  assert(
    property(nat({ max: 10 ** 12 }), (value) => {
      t.true(
        Math.abs((parseDuration(formatDuration(value)) ?? Number.NaN) - value) < 1e-3 * Math.max(1, value),
      );
      t.is(parseBytes(formatBytes(value)), value);
    }),
  );
});
