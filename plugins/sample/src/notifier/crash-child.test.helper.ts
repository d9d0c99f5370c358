import { createTestContext } from '@nfv-doctor/core/testing';
import { SampleMessageBus } from '../message-bus/sample-message-bus.js';
import { messageBusConfig } from '../message-bus/config.js';
import { notifierConfig } from './config.js';
import { SampleNotifier } from './sample-notifier.js';

/** A process with a notifier and a bus that others join; to be killed. Arguments: folder of the databases. */
const defaults = (schema: Record<string, { default: unknown }>) =>
  Object.fromEntries(Object.entries(schema).map(([key, option]) => [key, option.default])) as never;

const context = await createTestContext({ folder: process.argv[2] ?? '' });
const bus = new SampleMessageBus({ ...(defaults(messageBusConfig) as object), listen: 0 } as never, context);
await bus.start(AbortSignal.timeout(10_000));
const notifier = new SampleNotifier(
  { ...(defaults(notifierConfig) as object), retry_pause: 20, retry_pause_limit: 100 } as never,
  { ...context, messageBus: bus },
);
await notifier.start();
process.on('message', (message: { id: number; notification: never }) => {
  // told to the parent only when committed: what it has not heard of it will bring again, as a broker does
  void notifier.notify(message.notification).then(() => process.send?.({ committed: message.id }));
});
process.send?.({ endpoint: notifier.endpoint?.href });
