import { randomUUID } from 'node:crypto';
import type { ExecutionContext, TestFn } from 'ava';
import type { AlarmRequest } from '../../domain/alarm.js';
import type { ProjectOwner } from '../../domain/credentials.js';
import type { Notification } from '../../domain/notification.js';
import type { Notifier } from '../../roles/notifier.js';
import { createWebhookSink, type WebhookSink } from './webhook-sink.js';

/** A notifier that is started, and its end. */
export interface NotifierUnderTest {
  notifier: Notifier;
  /** Brings a notification to the notifier, as the cloud's message bus would; absent: firing is not tested. */
  publish?: (notification: Notification) => Promise<void>;
  /** False: the backend works on several events at once, so that their order and `previous` are not certain (Aodh). Default true. */
  ordered?: boolean;
  /** Two projects of the backend; default: made-up ones. */
  owners?: [ProjectOwner, ProjectOwner];
  stop(): Promise<void>;
}

/** Nova's `compute.instance.update`, as far as alarms look at it. */
export function instanceUpdate(
  instanceId: string,
  projectId: string,
  state: string,
  oldState = state === 'error' ? 'active' : 'error',
): Notification {
  return {
    messageId: randomUUID(),
    publisherId: 'compute.compute-1',
    eventType: 'compute.instance.update',
    priority: 'INFO',
    timestamp: '2030-01-01 00:00:00.123456',
    payload: {
      tenant_id: projectId,
      instance_id: instanceId,
      display_name: 'vm',
      host: 'compute-1',
      state,
      old_state: oldState,
      memory_mb: 512,
      launched_at: '2030-01-01T00:00:00.000000',
      deleted_at: '',
      metadata: {},
    },
  };
}

/** An alarm for an instance in error. */
export const errorAlarm = (
  instanceId: string,
  url: string,
  change: Partial<AlarmRequest> = {},
): AlarmRequest => ({
  name: `alarm-${instanceId.slice(0, 8)}`,
  type: 'event',
  severity: 'moderate',
  repeat_actions: false,
  alarm_actions: [url],
  event_rule: {
    event_type: 'compute.instance.update',
    query: [
      { field: 'traits.instance_id', op: 'eq', type: 'string', value: instanceId },
      { field: 'traits.state', op: 'eq', type: 'string', value: 'error' },
    ],
  },
  ...change,
});

const madeUp = (name: string): ProjectOwner => ({
  projectId: `${name}-${randomUUID()}`,
  userId: `user-${name}`,
  credentials: { authUrl: 'http://127.0.0.1:1/v3' },
});

interface Context {
  notifier: Notifier;
  publish: (notification: Notification) => Promise<void>;
  ordered: boolean;
  owner: ProjectOwner;
  stranger: ProjectOwner;
  sink: WebhookSink;
  url: string;
  instanceId: string;
}

/** The suite that every Notifier passes: `notifierContract(test, () => startYours())`. */
export function notifierContract(
  test: TestFn,
  create: (t: ExecutionContext) => Promise<NotifierUnderTest>,
  { name = 'notifier contract' }: { name?: string } = {},
): void {
  const run = (
    title: string,
    body: (t: ExecutionContext, context: Context) => Promise<void>,
    firing = true,
  ) =>
    test(`${name}: ${title}`, async (t) => {
      const { notifier, publish, ordered = true, owners, stop } = await create(t);
      const sink = await createWebhookSink();
      const [owner, stranger] = owners ?? [madeUp('owner'), madeUp('stranger')];
      try {
        if (firing && !publish) return t.pass('this backend cannot be made to fire here');
        const nothing = async () => {};
        const url = new URL('/failure', sink.url).href;
        await body(t, {
          notifier,
          publish: publish ?? nothing,
          ordered,
          owner,
          stranger,
          sink,
          url,
          instanceId: randomUUID(),
        });
      } finally {
        await stop();
        await sink.close();
      }
    });

  run(
    'an alarm is made, shown, listed, changed and deleted',
    async (t, { notifier, owner, url, instanceId }) => {
      const made = await notifier.createAlarm(errorAlarm(instanceId, url), owner);
      t.truthy(made.alarm_id);
      t.like(made, {
        state: 'insufficient data',
        enabled: true,
        repeat_actions: false,
        severity: 'moderate',
        type: 'event',
      });
      t.is(made.project_id, owner.projectId);
      t.deepEqual(made.alarm_actions, [url]);
      t.like(await notifier.getAlarm(made.alarm_id, owner), { alarm_id: made.alarm_id, name: made.name });
      t.true((await notifier.listAlarms(owner)).some(({ alarm_id: id }) => id === made.alarm_id));
      const changed = await notifier.updateAlarm(
        made.alarm_id,
        { severity: 'critical', enabled: false },
        owner,
      );
      t.like(changed, { alarm_id: made.alarm_id, severity: 'critical', enabled: false, name: made.name });
      t.deepEqual(changed.event_rule, made.event_rule);
      await notifier.setAlarmState(made.alarm_id, 'ok', owner);
      t.is((await notifier.getAlarm(made.alarm_id, owner)).state, 'ok');
      await notifier.deleteAlarm(made.alarm_id, owner);
      await notifier.deleteAlarm(made.alarm_id, owner);
      const error = await t.throwsAsync(notifier.getAlarm(made.alarm_id, owner));
      t.true(['NOT_FOUND', 'CLOUD_NOT_FOUND'].includes((error as unknown as { code: string }).code));
    },
    false,
  );

  run(
    'a project does not see the alarms of another',
    async (t, { notifier, owner, stranger, url, instanceId }) => {
      const { alarm_id: id } = await notifier.createAlarm(errorAlarm(instanceId, url), owner);
      t.false((await notifier.listAlarms(stranger)).some(({ alarm_id: each }) => each === id));
      await t.throwsAsync(notifier.getAlarm(id, stranger));
      await t.throwsAsync(notifier.setAlarmState(id, 'ok', stranger));
      await notifier.deleteAlarm(id, stranger);
      t.is((await notifier.getAlarm(id, owner)).alarm_id, id);
      await notifier.deleteAlarm(id, owner);
    },
    false,
  );

  run(
    "an alarm fires with Aodh's body, at once after it was made",
    async (t, { notifier, publish, owner, sink, url, instanceId }) => {
      const alarm = await notifier.createAlarm(errorAlarm(instanceId, url), owner);
      const event = instanceUpdate(instanceId, owner.projectId, 'error');
      await publish(event);
      const [webhook] = await sink.wait(1);
      t.like(webhook, { path: '/failure' });
      t.like(webhook?.body, {
        alarm_id: alarm.alarm_id,
        alarm_name: alarm.name,
        severity: 'moderate',
        previous: 'insufficient data',
        current: 'alarm',
      });
      t.regex(
        webhook?.body.reason ?? '',
        /^Event <id=.*,event_type=compute\.instance\.update> hits the query <query=\[\{"field": "traits\.instance_id", "op": "eq", "type": "string"/,
      );
      const data = webhook?.body.reason_data;
      t.is(data?.type, 'event');
      t.is(data?.event.event_type, 'compute.instance.update');
      const traits = new Map(data?.event.traits.map(([key, type, value]) => [key, [type, value]]));
      t.deepEqual(traits.get('instance_id'), [1, instanceId]);
      t.deepEqual(traits.get('tenant_id'), [1, owner.projectId]);
      t.deepEqual(traits.get('state'), [1, 'error']);
      t.deepEqual(traits.get('memory_mb'), [2, 512]);
      t.deepEqual(traits.get('launched_at'), [4, '2030-01-01T00:00:00']);
      t.false(traits.has('deleted_at'));
      t.is((await notifier.getAlarm(alarm.alarm_id, owner)).state, 'alarm');
      await notifier.deleteAlarm(alarm.alarm_id, owner);
    },
  );

  run(
    'what does not match does not fire',
    async (t, { notifier, publish, owner, stranger, sink, url, instanceId }) => {
      const other = randomUUID();
      const { alarm_id: id } = await notifier.createAlarm(errorAlarm(instanceId, url), owner);
      await notifier.createAlarm(errorAlarm(other, `${url}/last`, { repeat_actions: true }), owner);
      await publish(instanceUpdate(instanceId, owner.projectId, 'active'));
      await publish(instanceUpdate(instanceId, stranger.projectId, 'error'));
      await publish({
        ...instanceUpdate(instanceId, owner.projectId, 'error'),
        eventType: 'compute.instance.exists',
      });
      await publish(instanceUpdate(other, owner.projectId, 'error'));
      await sink.wait(1);
      t.deepEqual(
        sink.received.map(({ path }) => path),
        ['/failure/last'],
      );
      t.is((await notifier.getAlarm(id, owner)).state, 'insufficient data');
    },
  );

  run(
    'without repeat_actions it fires once until re-armed',
    async (t, { notifier, publish, ordered, owner, sink, url, instanceId }) => {
      const { alarm_id: id } = await notifier.createAlarm(errorAlarm(instanceId, url), owner);
      await publish(instanceUpdate(instanceId, owner.projectId, 'error'));
      await sink.wait(1);
      // in a backend that is not done with it yet this one would meet the re-armed alarm
      if (ordered) await publish(instanceUpdate(instanceId, owner.projectId, 'error', 'error'));
      await notifier.setAlarmState(id, 'ok', owner);
      await publish(instanceUpdate(instanceId, owner.projectId, 'error'));
      await sink.wait(2);
      t.deepEqual(
        sink.received.map(({ body }) => body.previous),
        ['insufficient data', 'ok'],
      );
    },
  );

  run(
    'with repeat_actions it fires for every event, in order',
    async (t, { notifier, publish, ordered, owner, sink, url, instanceId }) => {
      await notifier.createAlarm(errorAlarm(instanceId, url, { repeat_actions: true }), owner);
      const events = Array.from({ length: 10 }, () => instanceUpdate(instanceId, owner.projectId, 'error'));
      for (const event of events) await publish(event);
      await sink.wait(10);
      if (!ordered) {
        t.is(sink.received.length, 10);
        return;
      }
      t.deepEqual(
        sink.received.map(({ body }) => body.previous),
        ['insufficient data', ...Array(9).fill('alarm')],
      );
      const ids = sink.received.map(({ body }) => body.reason_data.event.message_id);
      if (ids.every((id) => events.some(({ messageId }) => messageId === id)))
        t.deepEqual(
          ids,
          events.map(({ messageId }) => messageId),
        );
    },
  );

  run(
    'event types with wildcards; a disabled alarm is silent',
    async (t, { notifier, publish, owner, sink, url, instanceId }) => {
      const rule = (event_type: string) => ({ event_rule: { event_type, query: [] }, repeat_actions: true });
      await notifier.createAlarm(errorAlarm(instanceId, `${url}/star`, rule('compute.instance.*')), owner);
      await notifier.createAlarm(
        errorAlarm(instanceId, `${url}/question`, rule('compute.instance.updat?')),
        owner,
      );
      await notifier.createAlarm(errorAlarm(instanceId, `${url}/no`, rule('maintenance.*')), owner);
      await notifier.createAlarm(
        errorAlarm(instanceId, `${url}/off`, { ...rule('*'), enabled: false }),
        owner,
      );
      await publish(instanceUpdate(instanceId, owner.projectId, 'error'));
      await sink.wait(2);
      t.deepEqual(sink.received.map(({ path }) => path).toSorted(), ['/failure/question', '/failure/star']);
    },
  );

  run(
    'health is up, and stop may be called twice',
    async (t, { notifier }) => {
      t.is((await notifier.health()).status, 'up');
      await notifier.stop(AbortSignal.timeout(10_000));
      await notifier.stop(AbortSignal.timeout(10_000));
    },
    false,
  );
}
