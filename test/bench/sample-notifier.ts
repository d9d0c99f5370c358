import type { MessageBus, Notifier, Provider } from '@nfv-doctor/core/plugin-api';
import { createTestContext, type TestContext } from '@nfv-doctor/core/testing';
import sample from '@nfv-doctor/plugin-sample';

export interface NotifierBench {
  notifier: Notifier;
  bus: MessageBus;
  context: TestContext;
  close(): Promise<void>;
}

/** The sample notifier on the sample message bus, with its defaults, its database in a file. */
export async function startSampleNotifier(config: Record<string, unknown> = {}): Promise<NotifierBench> {
  const context = await createTestContext();
  // the recorded events of many thousand alarms are not what is measured
  context.events.onAny(() => {
    if (context.recorded.length > 1000) context.recorded.length = 0;
  });
  const bus = create<MessageBus>('message_bus', context, {}, {});
  await bus.start(AbortSignal.timeout(30_000));
  const notifier = create<Notifier>('notifier', context, config, { messageBus: bus });
  await notifier.start(AbortSignal.timeout(120_000));
  return {
    notifier,
    bus,
    context,
    close: async () => {
      await notifier.stop(AbortSignal.timeout(60_000));
      await bus.stop(AbortSignal.timeout(30_000));
      await context.close();
    },
  };
}

function create<R>(
  role: string,
  context: TestContext,
  config: Record<string, unknown>,
  deps: Record<string, unknown>,
): R {
  const provider = sample.provides.find((each) => each.role === role) as Provider;
  const defaults = Object.fromEntries(
    Object.entries(provider.config ?? {}).map(([key, option]) => [
      key,
      (option as { default: unknown }).default,
    ]),
  );
  const ctx = { config: { ...defaults, ...config }, role, type: 'sample', log: context.log, defer: () => {} };
  return provider.create(ctx as never, { ...context, ...deps } as never) as R;
}
