import { existsSync } from 'node:fs';
import test from 'ava';
import { EventLog } from './event-log.js';

const onLinux = existsSync('/dev/full') ? test : test.skip;

onLinux('a disk that is full takes nothing down, and is told', async (t) => {
  const log = new EventLog('/dev/full');
  log.write({ sequence: 1, at: 0, name: 'scenario.started', data: { scenario: 'x' } } as never);
  await new Promise((resolve) => setImmediate(resolve));
  t.is(log.failure?.code, 'ENOSPC');
  log.write({ sequence: 2, at: 0, name: 'scenario.started', data: { scenario: 'x' } } as never);
  t.notThrows(() => log.close());
});
