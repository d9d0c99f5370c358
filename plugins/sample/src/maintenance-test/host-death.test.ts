import test from 'ava';
import { MAINTENANCE_SCHEDULED, type Notification } from '@nfv-doctor/core/plugin-api';
import { createVirtualClock } from '@nfv-doctor/core/testing';
import { type DeskUnderTest, MemoryRepository, requestIn, startDesk } from './desk.test.helper.js';
import { startApp } from './model-app.test.helper.js';
import { ModelCloud } from './model-cloud.test.helper.js';

type Handler = (message: Notification) => unknown;

interface Case {
  /** The host that dies. */
  host: string;
  /** The stored step at which it dies; 0: never. */
  at: number;
  /** Whether the admin tool dies at the same moment, and hears nothing of the host. */
  restarts: boolean;
}

/** A session in which a host dies. @returns what is wrong afterwards */
async function dies({
  host,
  at,
  restarts,
}: Case): Promise<{ steps: number; state: string; wrong: string[] }> {
  const clock = createVirtualClock();
  const cloud = new ModelCloud({ clock });
  for (const hostname of ['c1', 'c2', 'c3']) cloud.addHost(hostname, 2);
  cloud.addGroup('pair');
  cloud.addInstance('r1', 'c1', { groupId: 'pair' });
  cloud.addInstance('s1', 'c1');
  cloud.addInstance('r2', 'c2', { groupId: 'pair' });
  cloud.addInstance('s2', 'c2');
  cloud.addFloatingIp('vip', 'r1');
  const repository = new MemoryRepository();
  let desk = await startDesk({ clock, cloud, repository });
  let told: Handler = () => {};
  await startApp({
    desk: {
      get desk() {
        return desk.desk;
      },
      // whoever delivers the messages stays when the admin tool goes
      bus: {
        subscribe: async (_types: unknown, handler: Handler) => {
          told = handler;
        },
      },
    } as unknown as DeskUnderTest,
    cloud,
    clock,
    projectId: 'p',
    redundant: ['r1', 'r2'],
    scalable: ['s1', 's2'],
    floatingIpId: 'vip',
  });
  const listen = () =>
    desk.bus.subscribe([MAINTENANCE_SCHEDULED], async (message) => void (await told(message)));
  await listen();
  const { sessionId } = await desk.desk.create(requestIn(clock));
  let restarted = () => {};
  const restarting = new Promise<void>((resolve) => {
    restarted = resolve;
  });
  repository.before = () => {
    if (repository.writes + 1 !== at) return;
    repository.before = () => {};
    cloud.kill(host);
    if (!restarts) return void desk.desk.hostDown(host);
    void (async () => {
      await desk.stop();
      desk = await startDesk({ clock, cloud, repository });
      await listen();
      restarted();
    })();
  };
  const over = async () => {
    // an admin tool that is gone never sees the end
    await Promise.race([desk.desk.ended(sessionId, new AbortController().signal), restarting]);
    await desk.desk.ended(sessionId, new AbortController().signal);
  };
  await clock.runUntil(over());
  const { state, reason = '' } = desk.desk.session(sessionId);
  const where = `${host} dies at step ${at}${restarts ? ' with the admin tool' : ''}: `;
  const wrong = [...cloud.hostsByName.values()]
    .filter(({ status }) => status !== 'enabled')
    .map(({ hostname }) => `${where}${hostname} stays disabled after ${state} (${reason})`);
  if (state === 'MAINTENANCE_FAILED' && reason === '') wrong.push(`${where}no reason`);
  if (repository.rows.get(sessionId)?.outbox.size) wrong.push(`${where}something is left to be done`);
  await desk.stop();
  return { steps: repository.writes, state, wrong };
}

test('whichever host dies, at whatever step, with or without the admin tool: the session ends, and no host stays disabled', async (t) => {
  t.timeout(240_000);
  const { steps, state } = await dies({ host: 'c1', at: 0, restarts: false });
  t.is(state, 'MAINTENANCE_DONE');
  const ends = new Map<string, number>();
  for (const host of ['c1', 'c2', 'c3'])
    for (const restarts of [false, true])
      for (let at = 2; at <= steps; at++) {
        const seen = await dies({ host, at, restarts });
        t.deepEqual(seen.wrong, []);
        ends.set(seen.state, (ends.get(seen.state) ?? 0) + 1);
      }
  t.true((ends.get('MAINTENANCE_FAILED') ?? 0) > 0);
  t.log([...ends].map(([end, count]) => `${count} × ${end}`).join(', '));
});
