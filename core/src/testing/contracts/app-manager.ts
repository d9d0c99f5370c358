import type { ExecutionContext, TestFn } from 'ava';
import type { AlarmNotification } from '../../domain/alarm.js';
import type { AppManager, ManagedApplication } from '../../roles/app-manager.js';

/** What an app manager put to the reply_url. */
export interface SeenAnswer {
  state: string;
  session_id: string;
  instance_actions?: Record<string, string>;
}

/** An app manager with a small cloud, and an admin tool that the suite plays. */
export interface AppManagerHarness {
  /** Started. */
  manager: AppManager;
  /** Two redundant ACTIVE instances, at least two others, and a floating IP at the first. */
  application: ManagedApplication;
  /** Where `instance_ids` and `reply_url` of the suite's messages point; serves `instances` and takes answers. */
  url: string;
  /** What GET of `url` answers from now on. */
  serve(body: {
    instance_ids: string[];
    scale_in?: { vcpus: number; memory_mb: number; instance_ids: string[] };
  }): void;
  answers(): readonly SeenAnswer[];
  /** Posts an alarm to where the app manager has subscribed. @returns the status */
  post(alarm: AlarmNotification): Promise<number>;
  /** The instance that the floating IP points at. */
  target(): Promise<string | null> | string | null;
  /** ACTIVE instances of the project. */
  active(): Promise<string[]> | string[];
  close(): Promise<void>;
}

/** An alarm as Aodh posts it: lists are Python's repr, metadata may be cut. */
export function maintenanceAlarm(
  { url, application }: Pick<AppManagerHarness, 'url' | 'application'>,
  state: string,
  more: { id?: string; traits?: [string, number, unknown][] } = {},
): AlarmNotification {
  const id = more.id ?? `message-${state}-${Math.random()}`;
  return {
    alarm_id: 'contract',
    previous: 'insufficient data',
    current: 'alarm',
    reason: 'contract',
    reason_data: {
      type: 'event',
      event: {
        message_id: id,
        event_type: 'maintenance.scheduled',
        generated: '2030-01-01T00:00:00.000000',
        traits: [
          ['service', 1, 'admin_tool'],
          ['project_id', 1, application.owner.projectId],
          ['allowed_actions', 1, "['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION']"],
          ['instance_ids', 1, url],
          ['reply_url', 1, url],
          ['state', 1, state],
          ['session_id', 1, 'session-1'],
          ['metadata', 1, "{'openstack_version': 'Train', 'long': 'cut he"],
          ['actions_at', 4, '2030-01-01T00:10:00'],
          ...(more.traits ?? []),
        ],
      },
    },
  };
}

/** What every AppManager must do: `appManagerContract(test, () => startYours())`. */
export function appManagerContract(
  test: TestFn,
  create: (t: ExecutionContext) => Promise<AppManagerHarness>,
  { name = 'app manager contract', timeoutMs = 20_000 }: { name?: string; timeoutMs?: number } = {},
): void {
  const check = (title: string, body: (t: ExecutionContext, harness: AppManagerHarness) => Promise<void>) =>
    test(`${name}: ${title}`, async (t) => {
      t.timeout(timeoutMs * 2);
      const harness = await create(t);
      try {
        await harness.manager.manage(harness.application);
        await body(t, harness);
      } finally {
        await harness.manager.release();
        await harness.close();
      }
    });
  const until = async (what: string, look: () => Promise<boolean> | boolean) => {
    const deadline = Date.now() + timeoutMs;
    while (!(await look())) {
      if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const answered = async (harness: AppManagerHarness, count: number) => {
    await until(`${count} answers`, () => harness.answers().length >= count);
    return harness.answers()[count - 1];
  };

  check('MAINTENANCE is answered once, however often it is told', async (t, harness) => {
    const alarm = maintenanceAlarm(harness, 'MAINTENANCE', { id: 'the-same' });
    t.true((await harness.post(alarm)) < 300);
    const answer = await answered(harness, 1);
    t.like(answer, { state: 'ACK_MAINTENANCE', session_id: 'session-1' });
    t.true((await harness.post(alarm)) < 300);
    await harness.post(maintenanceAlarm(harness, 'MAINTENANCE', { id: 'another' }));
    await answered(harness, 2);
    t.is(harness.answers().length, 2);
  });

  for (const word of ['DOWN_SCALE', 'SCALE_IN'])
    check(`${word}: releases, answers in the same word, and makes it good at the end`, async (t, harness) => {
      const before = (await harness.active()).length;
      const all = [...harness.application.redundant, ...harness.application.scalable];
      harness.serve({ instance_ids: all });
      await harness.post(maintenanceAlarm(harness, word));
      t.is((await answered(harness, 1))?.state, `ACK_${word}`);
      const left = await harness.active();
      t.true(left.length < before);
      for (const id of harness.application.redundant) t.true(left.includes(id), 'redundant ones stay');
      await harness.post(maintenanceAlarm(harness, 'MAINTENANCE_COMPLETE'));
      t.is((await answered(harness, 2))?.state, 'ACK_MAINTENANCE_COMPLETE');
      t.is((await harness.active()).length, before);
    });

  for (const state of ['PREPARE_MAINTENANCE', 'PLANNED_MAINTENANCE'])
    check(
      `${state}: the service leaves the active member before the answer, with an action for each instance`,
      async (t, harness) => {
        const [active = '', standby = ''] = harness.application.redundant;
        t.is(await harness.target(), active);
        const asked = [active, harness.application.scalable[0] ?? ''];
        harness.serve({ instance_ids: asked });
        await harness.post(maintenanceAlarm(harness, state));
        const answer = await answered(harness, 1);
        t.is(answer?.state, `ACK_${state}`);
        t.deepEqual(Object.keys(answer?.instance_actions ?? {}).toSorted(), asked.toSorted());
        t.is(await harness.target(), standby);
        t.is(harness.manager.application(harness.application.owner.projectId)?.redundant[0], standby);
      },
    );

  check('a message that is none is refused', async (t, harness) => {
    t.true((await harness.post({ alarm_id: 'x' } as unknown as AlarmNotification)) >= 400);
    t.true((await harness.post(maintenanceAlarm(harness, 'NO_SUCH_STATE'))) >= 400);
    t.is(harness.answers().length, 0);
  });
}
