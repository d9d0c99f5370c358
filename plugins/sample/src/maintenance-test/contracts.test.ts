import test from 'ava';
import {
  type HostMessage,
  MAINTENANCE_HOST,
  MAINTENANCE_SCHEDULED,
  type Notifier,
  type ProjectMessage,
} from '@nfv-doctor/core/plugin-api';
import {
  adminToolContract,
  appManagerContract,
  createTestContext,
  type SeenAnswer,
} from '@nfv-doctor/core/testing';
import { appManagerConfig } from '../app-manager/config.js';
import { SampleAppManager } from '../app-manager/sample-app-manager.js';
import { defaultsOf, roomyCloud, startTool, tokens } from './harness.test.helper.js';

adminToolContract(test, async () => {
  const { tool, cloud, bus, told, close } = await startTool();
  cloud.subscribe('p');
  let verdict: 'ACK' | 'NACK' | undefined;
  await bus.subscribe([MAINTENANCE_SCHEDULED], async ({ payload }) => {
    const { state, reply_url, instance_ids } = payload as unknown as ProjectMessage;
    if (verdict === undefined || state === 'ADMIN_ACTION_DONE' || state === 'MAINTENANCE_FAILED') return;
    const answer = verdict;
    // after the message has been taken: the bus waits for nobody
    setImmediate(() => void reply(answer, state, reply_url, instance_ids));
  });
  const reply = async (answer: string, state: string, replyUrl: string, instanceUrl: string) => {
    const { instance_ids } = (await (await fetch(instanceUrl)).json()) as { instance_ids: string[] };
    const actions = { instance_actions: Object.fromEntries(instance_ids.map((id) => [id, 'MIGRATE'])) };
    const moving = state === 'PREPARE_MAINTENANCE' || state === 'PLANNED_MAINTENANCE';
    await fetch(replyUrl, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ state: `${answer}_${state}`, ...(moving ? actions : {}) }),
    });
  };
  return {
    tool,
    hosts: ['c1', 'c2', 'c3'],
    projectId: 'p',
    projectMessages: () => told(MAINTENANCE_SCHEDULED) as unknown as ProjectMessage[],
    hostMessages: () => told(MAINTENANCE_HOST) as unknown as HostMessage[],
    answer: (given) => {
      verdict = given;
    },
    enabled: (hostname) => cloud.hostsByName.get(hostname)?.status === 'enabled',
    now: () => Date.now(),
    close,
  };
});

appManagerContract(test, async () => {
  const context = await createTestContext();
  const cloud = roomyCloud();
  const alarms = new Map<string, { alarm_id: string; name: string; alarm_actions: string[] }>();
  const notifier = {
    createAlarm: async (request: { name: string; alarm_actions: string[] }) => {
      const alarm = { alarm_id: `alarm-${alarms.size}`, ...request };
      alarms.set(alarm.alarm_id, alarm);
      return alarm;
    },
    listAlarms: async () => [...alarms.values()],
    deleteAlarm: async (id: string) => void alarms.delete(id),
  } as unknown as Notifier;
  const manager = new SampleAppManager(
    { ...defaultsOf<SampleAppManager['config']>(appManagerConfig), poll_interval: 10 } as never,
    { ...context, controller: cloud, cloud: tokens, notifier },
    context.log,
  );
  await manager.start();
  const answers: SeenAnswer[] = [];
  let served: unknown = { instance_ids: [] };
  const admin = context.http.server({ name: 'admin', port: 0 });
  admin.app.get('/session', async () => served);
  admin.app.put('/session', async ({ body }) => {
    answers.push(body as SeenAnswer);
    return {};
  });
  const url = new URL('session', await admin.listen()).href;
  return {
    manager,
    application: {
      owner: { projectId: 'p', userId: 'u', credentials: { authUrl: 'http://127.0.0.1:1/v3' } },
      redundant: ['r1', 'r2'],
      scalable: ['s1', 's2'],
      floatingIpId: 'vip',
    },
    url,
    serve: (body) => {
      served = body;
    },
    answers: () => answers,
    async post(alarm) {
      const [subscription] = alarms.values();
      const response = await fetch(subscription?.alarm_actions[0] ?? '', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alarm),
      });
      return response.status;
    },
    target: () => cloud.floating.get('vip')?.portId?.slice('port-'.length) ?? null,
    active: () =>
      [...cloud.instancesById.values()].filter(({ status }) => status === 'ACTIVE').map(({ id }) => id),
    async close() {
      await manager.stop();
      await admin.close();
      await context.close();
    },
  };
});
