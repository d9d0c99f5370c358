import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, createWebhookSink, errorAlarm, instanceUpdate } from '@nfv-doctor/core/testing';
import { type Notification, until } from '@nfv-doctor/core/plugin-api';
import test, { type ExecutionContext } from 'ava';
import { request } from 'undici';

interface Child {
  process: ChildProcess;
  endpoint: string;
  committed: Set<number>;
  kill(): Promise<void>;
}

async function spawn(t: ExecutionContext, folder: string): Promise<Child> {
  const child = fork(new URL('./crash-child.test.helper.js', import.meta.url), [folder]);
  const committed = new Set<number>();
  t.teardown(() => child.kill('SIGKILL'));
  const endpoint = await new Promise<string>((resolve, reject) => {
    child.on('exit', (code) => reject(new Error(`the notifier ended with ${code}`)));
    child.on('message', (message: { endpoint?: string; committed?: number }) => {
      if (message.endpoint) resolve(message.endpoint);
      if (message.committed !== undefined) committed.add(message.committed);
    });
  });
  return {
    process: child,
    endpoint,
    committed,
    async kill() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

test('kill -9 loses no alarm: what was committed is sent after the restart, what was not is brought again', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-crash-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const sink = await createWebhookSink();
  t.teardown(() => sink.close());
  const url = new URL('/failure', sink.url).href;
  const count = 60;

  const first = await spawn(t, folder);
  for (let index = 0; index < count; index++) {
    const answer = await request(new URL('/v2/alarms', first.endpoint), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(errorAlarm(`i-${index}`, url, { project_id: 'p', repeat_actions: true })),
    });
    t.is(answer.statusCode, 201);
    await answer.body.dump();
  }
  // the consumer takes a third, refuses a third, and does not answer the rest: all states a delivery can be in
  sink.answer = ({ body }) => {
    const third = Number(body.alarm_name?.slice('alarm-i-'.length)) % 3;
    return third === 0 ? 204 : third === 1 ? 503 : new Promise<number>(() => {});
  };
  const events: Notification[] = Array.from({ length: count }, (_, index) =>
    instanceUpdate(`i-${index}`, 'p', 'error'),
  );
  for (const [id, notification] of events.entries()) first.process.send({ id, notification });
  // killed in the middle: some are committed, others may be not
  await until(() => first.committed.size > 0, {
    clock: systemClock,
    what: 'the first commit',
    timeoutMs: 20_000,
    intervalMs: 1,
  });
  await first.kill();

  const before = sink.received.length;
  sink.answer = () => 204;
  const second = await spawn(t, folder);
  for (const [id, notification] of events.entries())
    if (!first.committed.has(id)) second.process.send({ id, notification });
  const got = () =>
    new Set(
      sink.received
        .filter((webhook, index) => index >= before || answered(webhook))
        .map(({ body }) => body.reason_data.event.message_id),
    );
  const answered = ({ body }: { body: { alarm_name?: string } }) =>
    Number(body.alarm_name?.slice('alarm-i-'.length)) % 3 === 0;
  await until(() => got().size === count, {
    clock: systemClock,
    what: 'every alarm',
    timeoutMs: 30_000,
    intervalMs: 5,
  });

  const keys = new Map<string, Set<unknown>>();
  for (const { body, headers } of sink.received) {
    const id = String(body.reason_data.event.message_id);
    keys.set(id, (keys.get(id) ?? new Set()).add(headers['idempotency-key']));
  }
  t.true(
    [...keys.values()].every((each) => each.size === 1),
    'one key per alarm and event, before and after',
  );
  const list = await request(new URL('/v2/alarms', second.endpoint));
  const alarms = (await list.body.json()) as { state: string }[];
  t.is(alarms.length, count);
  await second.kill();
});
