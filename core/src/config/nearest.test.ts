import test from 'ava';
import { nearest } from './nearest.js';

for (const [word, candidates, found] of [
  ['intervall', ['interval', 'probe'], 'interval'],
  ['Inspector', ['inspector'], 'inspector'],
  ['tpc', ['icmp', 'tcp', 'udp'], 'tcp'],
  ['log-level', ['log_level'], 'log_level'],
  ['zzz', ['interval', 'probe'], undefined],
  ['a', ['monitor'], undefined],
] as const)
  test(`nearest of ${word} in ${candidates.join(', ')} is ${found}`, (t) =>
    t.is(nearest(word, candidates), found));
