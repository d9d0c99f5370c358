import { notifierContract } from '@nfv-doctor/core/testing';
import test from 'ava';
import { startNotifier } from './test-notifier.test.helper.js';

notifierContract(test, async (t) => {
  const { notifier, bus } = await startNotifier(t);
  return { notifier, publish: (notification) => bus.publish(notification), stop: () => notifier.stop() };
});
