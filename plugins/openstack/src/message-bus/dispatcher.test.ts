import type { Notification } from '@nfv-doctor/core/plugin-api';
import test from 'ava';
import { recordingLog } from '../testing/session.test.util.js';
import { Dispatcher } from './dispatcher.js';

const notification = (messageId: string, eventType = 'compute.instance.update'): Notification => ({
  messageId,
  publisherId: 'test',
  eventType,
  priority: 'INFO',
  payload: {},
  timestamp: '2030-01-01T00:00:00Z',
});

test('a second delivery of the same message reaches nobody', (t) => {
  const dispatcher = new Dispatcher(recordingLog().log);
  const seen: string[] = [];
  dispatcher.subscribe(['*'], ({ messageId }) => void seen.push(messageId));
  for (const id of ['1', '2', '1', '3', '2']) t.is(dispatcher.dispatch(notification(id)), undefined);
  t.deepEqual(seen, ['1', '2', '3']);
});

test('the memory of seen messages is bounded', (t) => {
  const dispatcher = new Dispatcher(recordingLog().log);
  let count = 0;
  dispatcher.subscribe(['*'], () => void count++);
  for (let id = 0; id <= 20_000; id++) void dispatcher.dispatch(notification(String(id)));
  void dispatcher.dispatch(notification('0'));
  void dispatcher.dispatch(notification('20000'));
  t.is(count, 20_002);
});

test('handlers are called in order and at once; what they promise is waited for', async (t) => {
  const dispatcher = new Dispatcher(recordingLog().log);
  const seen: string[] = [];
  const finish: (() => void)[] = [];
  dispatcher.subscribe(['compute.*'], ({ messageId }) => {
    seen.push(messageId);
    return new Promise<void>((resolve) => finish.push(resolve));
  });
  const first = dispatcher.dispatch(notification('1'));
  t.is(dispatcher.dispatch(notification('2', 'network.update')), undefined);
  const third = dispatcher.dispatch(notification('3'));
  t.deepEqual(seen, ['1', '3']);
  finish[1]?.();
  t.is(await Promise.race([first?.then(() => 'first'), third?.then(() => 'third')]), 'third');
  finish[0]?.();
  await first;
});

test('a dot is a dot, not any character', (t) => {
  const dispatcher = new Dispatcher(recordingLog().log);
  let count = 0;
  dispatcher.subscribe(['a.*.c'], () => void count++);
  void dispatcher.dispatch(notification('1', 'aXbXc'));
  void dispatcher.dispatch(notification('2', 'a.b.c'));
  t.is(count, 1);
});

test('a handler that fails is logged', async (t) => {
  const { log, logged } = recordingLog();
  const dispatcher = new Dispatcher(log);
  dispatcher.subscribe(['*'], () => Promise.reject(new Error('on purpose')));
  await dispatcher.dispatch(notification('1'));
  t.regex(logged(), /bus\.handler_failed[\s\S]*on purpose/);
});
