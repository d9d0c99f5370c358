import test from 'ava';
import type { StateChange } from '../checker/index.js';
import { ganttSection } from './section.js';
import { timelineOf } from './timeline.js';

const log: StateChange[] = [
  { at: 100, kind: 'host', hostname: 'c1', up: true, enabled: true },
  { at: 100, kind: 'host', hostname: 'c2', up: true, enabled: true },
  { at: 100, kind: 'instance', id: 'i1', projectId: 'p', status: 'ACTIVE', hostname: 'c1' },
  {
    at: 1100,
    kind: 'message',
    sessionId: 's',
    projectId: 'p',
    state: 'PLANNED_MAINTENANCE',
    wall: 0,
    replyAt: 1,
  },
  { at: 1200, kind: 'host', hostname: 'c1', up: true, enabled: false },
  { at: 2100, kind: 'instance', id: 'i1', projectId: 'p', status: 'ACTIVE', hostname: 'c2' },
  { at: 2200, kind: 'host_message', sessionId: 's', hostname: 'c1', state: 'IN_MAINTENANCE' },
  { at: 3200, kind: 'host', hostname: 'c1', up: true, enabled: true },
  { at: 3300, kind: 'host_message', sessionId: 's', hostname: 'c1', state: 'MAINTENANCE_COMPLETE' },
];

test('bars, messages and placements stand on one scale of time', (t) => {
  const { duration, hosts, projects, placements } = timelineOf(log, (id) => `vm-${id}`);
  t.is(duration, 3200);
  t.deepEqual(hosts[0], {
    hostname: 'c1',
    bars: [
      { kind: 'disabled', from: 1100, to: 3100 },
      { kind: 'maintenance', from: 2100, to: 3200 },
    ],
    loads: [
      { at: 0, count: 1 },
      { at: 2000, count: 0 },
    ],
  });
  t.deepEqual(projects, [{ projectId: 'p', messages: [{ at: 1000, state: 'PLANNED_MAINTENANCE' }] }]);
  t.deepEqual(
    placements.map(({ title, byHost }) => [title, byHost.get('c1'), byHost.get('c2')]),
    [
      ['before', ['vm-i1'], []],
      ['c1 in maintenance', [], ['vm-i1']],
      ['after', [], ['vm-i1']],
    ],
  );
});

test('names from the cloud are escaped, and nothing is loaded from elsewhere', (t) => {
  const { html } = ganttSection('Maintenance', log, () => '<script>alert(1)</script>');
  t.false(html.includes('<script'));
  t.true(html.includes('&lt;script'));
  t.regex(html, /<svg/);
  t.notRegex(html, /https?:/);
});
