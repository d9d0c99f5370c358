import { readFile } from 'node:fs/promises';
import type { Notification } from '@nfv-doctor/core/plugin-api';
import test from 'ava';
import { instanceChange, serviceChange } from './nova-notifications.js';
import { ResourceMap } from './resource-map.js';

interface Recorded {
  message: {
    message_id: string;
    publisher_id: string;
    event_type: string;
    priority: string;
    timestamp: string;
    payload: Record<string, unknown>;
  };
}
const fixture = (name: string) =>
  readFile(new URL(`../../../../test/fixtures/notifications/${name}`, import.meta.url), 'utf8');
const toNotification = ({ message }: Recorded): Notification => ({
  messageId: message.message_id,
  publisherId: message.publisher_id,
  eventType: message.event_type,
  priority: message.priority,
  payload: message.payload,
  timestamp: message.timestamp,
});

/** What a real Nova sent about the life of three instances. */
const lifecycle = async () =>
  (await fixture('lifecycle.jsonl'))
    .trim()
    .split('\n')
    .map((line) => toNotification(JSON.parse(line) as Recorded));

const MOVED = '087e6268-9ef4-4573-8cf0-759eb0af480a';
// created; live migration there and back; cold migration; resize and its revert; evacuation
const WAY = ['compute-1', 'compute-3', 'compute-1', 'compute-3', 'compute-1', 'compute-3', 'compute-1'];

for (const [format, wanted] of [
  ['unversioned', /^compute\.instance\./],
  ['versioned', /^(instance|service)\./],
  ['both formats', /./],
] as const)
  test(`the recorded life of real instances is followed: ${format}`, async (t) => {
    const way: string[] = [];
    const states = new Set<string>();
    const map = new ResourceMap();
    let most = 0;
    for (const notification of await lifecycle()) {
      if (!wanted.test(notification.eventType)) continue;
      const change = instanceChange(notification);
      if (!change) continue;
      map.apply(change);
      most = Math.max(most, map.size);
      const instance = map.get(MOVED);
      if (!instance) continue;
      states.add(instance.state);
      if (instance.hostname && instance.hostname !== way.at(-1)) way.push(instance.hostname);
    }
    t.deepEqual(way, WAY);
    for (const state of ['building', 'active', 'error', 'resized', 'stopped'])
      t.true(states.has(state), state);
    t.is(most, 3);
    t.is(map.size, 0, 'all were deleted');
  });

test('the host of a recorded force-down is read', async (t) => {
  const forced = toNotification(JSON.parse(await fixture('service.update.forced_down.json')) as Recorded);
  t.like(serviceChange(forced), { forcedDown: true, deleted: false });
  const enabled = toNotification(JSON.parse(await fixture('service.update.enabled.json')) as Recorded);
  t.like(serviceChange(enabled), { forcedDown: false });
});
