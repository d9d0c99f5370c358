import { createTestContext, type TestContext, type TestContextOptions } from '@nfv-doctor/core/testing';
import type { CloudSession } from '@nfv-doctor/core/plugin-api';
import type { ExecutionContext } from 'ava';
import { SampleMessageBus } from '../message-bus/sample-message-bus.js';
import { messageBusConfig } from '../message-bus/config.js';
import { type NotifierConfig, notifierConfig } from './config.js';
import { SampleNotifier } from './sample-notifier.js';

const defaults = <T>(schema: Record<string, { default: unknown }>): T =>
  Object.fromEntries(Object.entries(schema).map(([key, option]) => [key, option.default])) as T;

export interface RunningNotifier {
  context: TestContext;
  bus: SampleMessageBus;
  notifier: SampleNotifier;
  stop(): Promise<void>;
}

export interface StartOptions extends TestContextOptions {
  config?: Partial<NotifierConfig>;
  cloudSession?: CloudSession;
}

/** A notifier of its own with a bus and a store, stopped at the end of the test. */
export async function startNotifier(
  t: Pick<ExecutionContext, 'teardown'>,
  { config, cloudSession, ...options }: StartOptions = {},
): Promise<RunningNotifier> {
  const context = await createTestContext(options);
  const bus = new SampleMessageBus(defaults(messageBusConfig), context);
  await bus.start(AbortSignal.timeout(10_000));
  const notifier = new SampleNotifier(
    { ...defaults<NotifierConfig>(notifierConfig), retry_pause: 5, ...config },
    { ...context, messageBus: bus, cloudSession },
  );
  const stop = async () => {
    await notifier.stop();
    await bus.stop();
    await context.close();
  };
  t.teardown(stop);
  await notifier.start();
  return { context, bus, notifier, stop };
}
