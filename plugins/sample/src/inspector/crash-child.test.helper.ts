import { createTestContext, FakeCloud, FakeMessageBus } from '@nfv-doctor/core/testing';
import { type InspectorConfig, inspectorConfig } from './config.js';
import { SampleInspector } from './sample-inspector.js';

/** An inspector in a process of its own, whose cloud answers the first call and hangs then: to be killed. */
const [folder] = process.argv.slice(2);
const context = await createTestContext({ folder: folder! });
const cloud = new FakeCloud();
cloud.addHost('host-1');
cloud.addInstance('a', 'host-1');
cloud.addInstance('b', 'host-1');
const config = Object.fromEntries(
  Object.entries(inspectorConfig).map(([key, option]) => [key, option.default]),
) as unknown as InspectorConfig;
const inspector = new SampleInspector(
  { ...config, snapshot_interval: 0, force_down_head_start: 0 },
  { ...context, controller: cloud, messageBus: new FakeMessageBus() },
  context.log,
);
await inspector.start(AbortSignal.timeout(10_000));
cloud.before = ({ name, resource }) => {
  if (name === 'resetState' && resource === 'a') process.send!({ acted: true });
  return name === 'forceDown' ? undefined : new Promise(() => {});
};
process.on('disconnect', () => process.exit());
process.send!({ url: inspector.endpoint!.href });
