import { type Controller, type Inspector, type Provider } from '@nfv-doctor/core/plugin-api';
import { createTestContext, FakeMessageBus } from '@nfv-doctor/core/testing';
import sample from '@nfv-doctor/plugin-sample';

/** The sample inspector on a controller, with its defaults except `config`; snapshots are off. */
export async function startSampleInspector(
  controller: Controller,
  config: Record<string, unknown> = {},
): Promise<{ inspector: Inspector; close(): Promise<void> }> {
  const context = await createTestContext();
  // what the host resolves by token
  const provider = sample.provides.find(({ role }) => role === 'inspector') as Provider<'inspector'>;
  const defaults = Object.fromEntries(
    Object.entries(provider.config ?? {}).map(([key, option]) => [
      key,
      (option as { default: unknown }).default,
    ]),
  );
  const inspector = provider.create(
    {
      config: { ...defaults, snapshot_interval: 0, ...config } as never,
      role: 'inspector',
      type: 'sample',
      log: context.log,
      defer: () => {},
    },
    { ...context, controller, messageBus: new FakeMessageBus() } as never,
  );
  // what the scenario and events.jsonl do not need here would only grow
  context.events.onAny(() => {
    if (context.recorded.length > 1000) context.recorded.length = 0;
  });
  await inspector.start(AbortSignal.timeout(120_000));
  return {
    inspector,
    close: async () => {
      await inspector.stop(AbortSignal.timeout(30_000));
      await context.close();
    },
  };
}
