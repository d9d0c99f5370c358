import test from 'ava';
import { Application, type ApplicationContext, type ApplicationRecord } from '@nfv-doctor/core/plugin-api';
import { checkMaintenance, createVirtualClock } from '@nfv-doctor/core/testing';
import { SamplePolicy, type SamplePolicyConfig } from '../app-manager/policy.js';
import { requestIn, startDesk } from './desk.test.helper.js';
import { startApp } from './model-app.test.helper.js';
import { ModelCloud } from './model-cloud.test.helper.js';

const policy: SamplePolicyConfig = {
  redundant_action: 'MIGRATE',
  scalable_action: 'OWN_ACTION',
  instance_actions: {},
  min_scalable: 0,
  scale_in_step: 2,
  refuse_states: [],
  silent_states: [],
};

/** An application that is gone right after its write number `at`, and comes back with what was stored. */
class MortalApplication {
  writes = 0;
  current: Application;

  constructor(
    record: ApplicationRecord,
    readonly context: ApplicationContext,
    readonly at: number,
  ) {
    this.current = this.#make(record);
  }

  #make(record: ApplicationRecord): Application {
    const save = async (stored: ApplicationRecord) => {
      const json = JSON.stringify(stored);
      if (++this.writes !== this.at) return;
      void this.current.stop();
      this.current = this.#make(JSON.parse(json) as ApplicationRecord);
      this.current.resume();
      throw new Error('killed');
    };
    const store = { ...this.context.store, save };
    return new Application(record, { ...this.context, store, policy: new SamplePolicy(policy, record) });
  }
}

/** One session; the application dies after this write. @returns how many writes there were */
async function dieAfter(at: number): Promise<{ writes: number; wrong: string[] }> {
  const clock = createVirtualClock();
  const cloud = new ModelCloud({ clock });
  for (const hostname of ['c1', 'c2', 'c3']) cloud.addHost(hostname, 2);
  cloud.addGroup('pair');
  cloud.addInstance('r1', 'c1', { groupId: 'pair' });
  cloud.addInstance('s1', 'c1');
  cloud.addInstance('r2', 'c2', { groupId: 'pair' });
  cloud.addInstance('s2', 'c2');
  cloud.addInstance('s3', 'c3');
  cloud.addInstance('s4', 'c3');
  cloud.addFloatingIp('vip', 'r1');
  const desk = await startDesk({ clock, cloud });
  const app = await startApp({
    desk,
    cloud,
    clock,
    projectId: 'p',
    redundant: ['r1', 'r2'],
    scalable: ['s1', 's2', 's3', 's4'],
    floatingIpId: 'vip',
    config: policy,
  });
  const mortal = new MortalApplication(app.record, app.context, at);
  // whoever delivers a message that was not taken delivers it once more
  app.accept = (message) => mortal.current.accept(message).catch(() => mortal.current.accept(message));
  const { sessionId } = await desk.desk.create(requestIn(clock));
  await clock.runUntil(desk.desk.ended(sessionId, new AbortController().signal));
  await clock.runUntil(mortal.current.settled());
  const session = desk.desk.session(sessionId);
  const { violations } = checkMaintenance(cloud.log, {
    hosts: ['c1', 'c2', 'c3'],
    outcome: 'MAINTENANCE_DONE',
  });
  const wrong = violations.map(({ rule, detail }) => `${rule}: ${detail}`);
  if (session.state !== 'MAINTENANCE_DONE') wrong.push(`${session.state}: ${session.reason}`);
  if (cloud.instancesById.size !== 6) wrong.push(`${cloud.instancesById.size} instances instead of 6`);
  await desk.stop();
  return { writes: mortal.writes, wrong: wrong.map((each) => `after write ${at}: ${each}`) };
}

test('an application that dies after any of its writes goes on: nothing is made, released or answered twice', async (t) => {
  const { writes, wrong } = await dieAfter(0);
  t.deepEqual(wrong, []);
  t.true(writes > 15, `${writes} writes`);
  for (let at = 1; at <= writes; at++) t.deepEqual((await dieAfter(at)).wrong, []);
});
