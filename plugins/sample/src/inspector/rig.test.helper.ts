import type { Clock, Notification } from '@nfv-doctor/core/plugin-api';
import { createTestContext, FakeCloud, FakeMessageBus, type TestContext } from '@nfv-doctor/core/testing';
import type { ExecutionContext } from 'ava';
import { type InspectorConfig, inspectorConfig } from './config.js';
import { takeSlot } from '../test-slots.test.helper.js';
import { SampleInspector } from './sample-inspector.js';

export const defaults = Object.fromEntries(
  Object.entries(inspectorConfig).map(([key, option]) => [key, option.default]),
) as unknown as InspectorConfig;

export interface Rig {
  inspector: SampleInspector;
  cloud: FakeCloud;
  bus: FakeMessageBus;
  context: TestContext;
  /** Starts a second inspector on the databases of the first, as after a restart. */
  restart(): Promise<SampleInspector>;
}

export interface RigOptions {
  config?: Partial<InspectorConfig>;
  clock?: Clock;
  /** Before the start: more hosts, other states. */
  prepare?: (cloud: FakeCloud) => void;
}

/**
 * A started sample inspector with a cloud of two hosts: host-1 with a, b (of two projects) and c (in error already), host-2 with d.
 * Snapshots are off; retries are quick. Everything is closed when the test ends.
 */
export async function startRig(
  t: ExecutionContext,
  { config = {}, clock, prepare }: RigOptions = {},
): Promise<Rig> {
  await takeSlot(t);
  const context = await createTestContext(clock ? { clock } : {});
  const cloud = new FakeCloud();
  const bus = new FakeMessageBus();
  cloud.addHost('host-1');
  cloud.addHost('host-2');
  cloud.addInstance('a', 'host-1');
  cloud.addInstance('b', 'host-1', { projectId: 'project-2' });
  cloud.addInstance('c', 'host-1', { status: 'ERROR' });
  cloud.addInstance('d', 'host-2');
  prepare?.(cloud);
  const create = () =>
    new SampleInspector(
      { ...defaults, snapshot_interval: 0, retry_pause: 1, max_retry_pause: 4, ...config },
      { ...context, controller: cloud, messageBus: bus, random: () => 0.5 },
      context.log,
    );
  const inspectors: SampleInspector[] = [];
  const start = async () => {
    const inspector = create();
    inspectors.push(inspector);
    await inspector.start(AbortSignal.timeout(30_000));
    return inspector;
  };
  t.teardown(async () => {
    for (const inspector of inspectors) await inspector.stop(AbortSignal.timeout(30_000));
    await context.close();
  });
  return { inspector: await start(), cloud, bus, context, restart: start };
}

let count = 0;
const EPOCH = Date.now() - 3_600_000;
/** An event one second later than the one made before it, an hour ago. */
export function event(
  hostname: string,
  status: 'down' | 'up',
  more: Record<string, unknown> = {},
  time?: string,
) {
  count++;
  return {
    time: time ?? new Date(EPOCH + count * 1000).toISOString(),
    type: `compute.host.${status}`,
    details: { hostname, status, monitor: 'test', monitor_event_id: `event-${count}`, ...more },
  };
}

/** Nova's unversioned `compute.instance.update`, as recorded from a real one. */
export function update(
  id: string,
  payload: Record<string, unknown>,
  more: Partial<Notification> = {},
): Notification {
  count++;
  return {
    messageId: `message-${count}`,
    publisherId: 'compute.host-1',
    eventType: 'compute.instance.update',
    priority: 'INFO',
    timestamp: new Date(EPOCH + count * 1000).toISOString().replace('T', ' ').replace('Z', '000'),
    payload: {
      instance_id: id,
      tenant_id: 'project-1',
      display_name: `name-of-${id}`,
      state: 'active',
      ...payload,
    },
    ...more,
  };
}

export const statuses = (cloud: FakeCloud) =>
  Object.fromEntries([...cloud.instances.values()].map(({ id, status }) => [id, status]));

/** Waits until `look` is true; fails after twenty seconds, saying what was awaited. */
export async function eventually(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await look())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
