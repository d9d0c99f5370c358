import test from 'ava';
import { isoTime } from './datetime.js';

const cases: [string, string | undefined][] = [
  ['2026-11-23 16:19:18', '2026-11-23T16:19:18'],
  ['2026-11-23T16:31:35.000000', '2026-11-23T16:31:35'],
  ['2026-11-23 16:51:21.558611', '2026-11-23T16:51:21.558611'],
  ['2026-11-23T16:47:54Z', '2026-11-23T16:47:54'],
  ['2026-11-23 16:31:31+00:00', '2026-11-23T16:31:31'],
  ['2026-11-23T01:00:00.5+02:00', '2026-11-22T23:00:00.500000'],
  ['2026-13-23T01:00:00', undefined],
  ['', undefined],
  ['yesterday', undefined],
];
for (const [text, expected] of cases) test(`time ${text}`, (t) => t.is(isoTime(text), expected));
