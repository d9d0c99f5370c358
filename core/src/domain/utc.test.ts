import test from 'ava';
import { formatUtc, parseUtc } from './utc.js';

const AT = Date.UTC(2026, 10, 23, 16, 55, 7);

test('a moment is read with or without a zone, with a blank or a T', (t) => {
  for (const text of [
    '2026-11-23 16:55:07',
    '2026-11-23T16:55:07',
    '2026-11-23T16:55:07Z',
    '2026-11-23 16:55:07 UTC',
    '2026-11-23T16:55:07+00:00',
    '2026-11-23T18:55:07+02:00',
    '2026-11-23T18:55:07+0200',
    '2026-11-23T11:25:07-05:30',
  ])
    t.is(parseUtc(text), AT, text);
  t.is(parseUtc('2026-11-23T16:55:07.250111'), AT + 250);
  t.is(parseUtc('2026-11-23 16:55'), AT - 7000);
});

test('what is no moment is refused', (t) => {
  for (const text of [
    '',
    'tomorrow',
    '2026-11-23',
    '2026-02-31 10:00:00',
    '2026-11-23 25:00:00',
    '1795452878',
  ])
    t.is(parseUtc(text), undefined, text);
});

test('what is written is read back to the second', (t) => {
  t.is(formatUtc(AT + 999), '2026-11-23 16:55:07');
  t.is(parseUtc(formatUtc(AT)), AT);
});
