import test from 'ava';
import { fitsApiVersion } from './api-version.js';

for (const [range, host, fits] of [
  ['^1.0.0', '1.0.0', true],
  ['^1.0.0', '1.7.0', true],
  ['^1.2.0', '1.1.9', false],
  ['1.0.0', '1.0.0', true],
  ['~1.1.0', '1.3.0', true],
  ['1.x', '1.3.0', true],
  ['1', '1.3.0', true],
  ['^2.0.0', '1.3.0', false],
  ['^0.9.0', '1.3.0', false],
  ['latest', '1.3.0', undefined],
  ['', '1.3.0', undefined],
] as const)
  test(`built for "${range}", host ${host}: ${fits}`, (t) => t.is(fitsApiVersion(range, host), fits));
