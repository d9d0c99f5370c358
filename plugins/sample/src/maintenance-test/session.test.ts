import test from 'ava';
import { DoctorError, type MaintenanceRequest } from '@nfv-doctor/core/plugin-api';
import { checkMaintenance, createVirtualClock, type Expectations } from '@nfv-doctor/core/testing';
import { Silence } from '../admin-tool/silence.js';
import { type DeskOptions, type DeskUnderTest, requestIn, startDesk } from './desk.test.helper.js';
import { type ModelAppOptions, startApp } from './model-app.test.helper.js';
import { ModelCloud } from './model-cloud.test.helper.js';

/** Three full hosts: a pair with a floating IP, and four others. */
function threeFullHosts() {
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
  return { clock, cloud };
}

const expected: Expectations = { hosts: ['c1', 'c2', 'c3'], outcome: 'MAINTENANCE_DONE' };

interface Run {
  clock: ReturnType<typeof createVirtualClock>;
  cloud: ModelCloud;
  app?: Partial<ModelAppOptions>;
  desk?: Partial<DeskOptions>;
  request?: Partial<MaintenanceRequest> & Record<string, unknown>;
  /** Called when the session has begun. */
  during?: (desk: DeskUnderTest, sessionId: string) => Promise<void> | void;
}

async function run({ clock, cloud, app, desk: more, request, during }: Run) {
  const desk = await startDesk({ clock, cloud, ...more });
  const application = await startApp({
    desk,
    cloud,
    clock,
    projectId: 'p',
    redundant: ['r1', 'r2'],
    scalable: ['s1', 's2', 's3', 's4'],
    floatingIpId: 'vip',
    ...app,
  });
  const { sessionId } = await desk.desk.create(requestIn(clock, request));
  await during?.(desk, sessionId);
  await clock.runUntil(desk.desk.ended(sessionId, new AbortController().signal));
  await clock.runUntil(application.settled());
  const session = desk.desk.session(sessionId);
  await desk.stop();
  return { session, application };
}

test('three full hosts: every host is maintained, nothing is touched that serves', async (t) => {
  const { clock, cloud } = threeFullHosts();
  const { session } = await run({ clock, cloud });
  t.is(session.state, 'MAINTENANCE_DONE', session.reason);
  const verdict = checkMaintenance(cloud.log, expected);
  t.deepEqual(verdict.violations, []);
  t.is(verdict.downtimeMs, 0);
  // four instances were left, and each moved once
  t.is(cloud.accepted.length, 4);
});

/** After the first host's work Nova hears of no host for so long, as after a restart of its message broker. */
const deafFor =
  (ms: number, { clock, cloud }: Pick<Run, 'clock' | 'cloud'>) =>
  ({ events }: DeskUnderTest) => {
    const hear = (state: 'up' | 'down') => {
      for (const host of cloud.hostsByName.values()) host.state = state;
    };
    const end = events.on('maintenance.host', ({ message }) => {
      if (message.state !== 'MAINTENANCE_COMPLETE') return;
      end();
      hear('down');
      clock.setTimeout(() => hear('up'), ms);
    });
  };

test('hosts that Nova does not hear of for a while are waited for, and the session goes on', async (t) => {
  const { clock, cloud } = threeFullHosts();
  const { session } = await run({ clock, cloud, during: deafFor(40_000, { clock, cloud }) });
  t.is(session.state, 'MAINTENANCE_DONE', session.reason);
  t.deepEqual(checkMaintenance(cloud.log, expected).violations, []);
});

test('hosts that stay silent end the session, with their names and no host disabled', async (t) => {
  const { clock, cloud } = threeFullHosts();
  const { session } = await run({ clock, cloud, during: deafFor(80_000, { clock, cloud }) });
  t.is(session.state, 'MAINTENANCE_FAILED');
  t.regex(session.reason ?? '', /went down before its maintenance/);
  for (const { hostname, status } of cloud.hostsByName.values()) t.is(status, 'enabled', hostname);
});

test('each silent host has its own time; one that was never up, or is forced down, is not waited for', async (t) => {
  const clock = createVirtualClock();
  const silence = new Silence(['c1', 'c2'], clock, 60_000);
  const look = (...silent: string[]) =>
    silence.awaited(
      ['c1', 'c2', 'stranger', 'dead'].map((hostname) => ({
        hostname,
        vcpus: 1,
        memoryMb: 1,
        up: hostname !== 'dead' && hostname !== 'stranger' && !silent.includes(hostname),
        silent: hostname === 'stranger' || silent.includes(hostname),
        enabled: true,
      })),
    );
  t.deepEqual(look(), []);
  t.deepEqual(look('c1'), ['c1']);
  await clock.advance(50_000);
  t.deepEqual(look('c1', 'c2'), ['c1', 'c2']);
  await clock.advance(20_000);
  t.deepEqual(look('c1', 'c2'), ['c2']);
  await clock.advance(50_000);
  t.deepEqual(look('c1', 'c2'), []);
  // heard again, and silent once more
  t.deepEqual(look('c2'), []);
  t.deepEqual(look('c1', 'c2'), ['c1']);
});

test('an abort does not wait for silent hosts', async (t) => {
  const { clock, cloud } = threeFullHosts();
  let asked = 0;
  let removed: Promise<void> | undefined;
  const going = run({
    clock,
    cloud,
    during(desk, sessionId) {
      deafFor(80_000, { clock, cloud })(desk);
      desk.events.on('maintenance.host', ({ message }) => {
        if (message.state !== 'MAINTENANCE_COMPLETE') return;
        clock.setTimeout(() => {
          asked = clock.now();
          removed = desk.desk.remove(sessionId);
        }, 10_000);
      });
    },
  });
  // it is gone when its end is looked at
  t.like(await t.throwsAsync(going), { code: 'NOT_FOUND' });
  await removed;
  t.true(clock.now() - asked < 10_000, `${clock.now() - asked} ms`);
});

test('a project that answers NACK, or nothing, ends the session with the reason and no host disabled', async (t) => {
  for (const state of ['MAINTENANCE', 'DOWN_SCALE', 'PLANNED_MAINTENANCE', 'MAINTENANCE_COMPLETE'])
    for (const how of ['refuse_states', 'silent_states'] as const) {
      const { clock, cloud } = threeFullHosts();
      const { session } = await run({ clock, cloud, app: { config: { [how]: [state] } } });
      t.is(session.state, 'MAINTENANCE_FAILED', `${state} ${how}`);
      t.regex(
        session.reason ?? '',
        how === 'refuse_states' ? new RegExp(`NACK_${state}`) : new RegExp(`no answer to ${state}`),
      );
      const hosts = state === 'MAINTENANCE_COMPLETE' ? expected.hosts : [];
      const { violations } = checkMaintenance(cloud.log, { hosts, outcome: 'MAINTENANCE_FAILED' });
      t.deepEqual(violations, [], `${state} ${how}`);
    }
});

test('an application that cannot release enough refuses, with its reason', async (t) => {
  const { clock, cloud } = threeFullHosts();
  const { session } = await run({ clock, cloud, app: { config: { min_scalable: 3 } } });
  t.is(session.state, 'MAINTENANCE_FAILED');
  t.regex(session.reason ?? '', /NACK_DOWN_SCALE: cannot release 2 vCPUs/);
});

test('live migration and own action', async (t) => {
  for (const action of ['LIVE_MIGRATE', 'OWN_ACTION'] as const) {
    const { clock, cloud } = threeFullHosts();
    const config = { redundant_action: action, scalable_action: action };
    const { session } = await run({ clock, cloud, app: { config } });
    t.is(session.state, 'MAINTENANCE_DONE', `${action}: ${session.reason}`);
    t.deepEqual(checkMaintenance(cloud.log, expected).violations, [], action);
    t.is(cloud.accepted.length, action === 'OWN_ACTION' ? 0 : 4);
    t.true(cloud.accepted.every(({ live }) => live));
  }
});

test('own action where the quota has no place for two: the old instance goes first', async (t) => {
  const { clock, cloud } = threeFullHosts();
  cloud.instanceQuota = 4;
  const config = { redundant_action: 'OWN_ACTION', scalable_action: 'OWN_ACTION' };
  const desk = await run({
    clock,
    cloud,
    app: { config },
    during: (under) => {
      // scaling out at the end needs the whole quota again
      under.events.on('maintenance.session', ({ state }) => {
        if (state === 'MAINTENANCE_COMPLETE') cloud.instanceQuota = 6;
      });
    },
  });
  t.is(desk.session.state, 'MAINTENANCE_DONE', desk.session.reason);
  t.deepEqual(checkMaintenance(cloud.log, expected).violations, []);
});

test('a project that did not subscribe is not asked: the default action moves its instances', async (t) => {
  const { clock, cloud } = threeFullHosts();
  for (const hostname of ['c1', 'c2', 'c3']) {
    const host = cloud.hostsByName.get(hostname);
    if (host) Object.assign(host, { vcpus: 3, memoryMb: 3072 });
    cloud.addInstance(`q-${hostname}`, hostname, { projectId: 'q' });
  }
  const { session } = await run({ clock, cloud });
  t.is(session.state, 'MAINTENANCE_DONE', session.reason);
  t.deepEqual(checkMaintenance(cloud.log, expected).violations, []);
  t.false(cloud.log.some((change) => change.kind === 'message' && change.projectId === 'q'));
  t.true(cloud.accepted.some(({ id }) => id.startsWith('q-')));
});

test('abort at any time puts the hosts back', async (t) => {
  for (let ms = 0; ms < 60_000; ms += 1_500) {
    const { clock, cloud } = threeFullHosts();
    const desk = await startDesk({ clock, cloud });
    const app = await startApp({
      desk,
      cloud,
      clock,
      projectId: 'p',
      redundant: ['r1', 'r2'],
      scalable: ['s1', 's2', 's3', 's4'],
      floatingIpId: 'vip',
    });
    const { sessionId } = await desk.desk.create(requestIn(clock));
    await clock.advance(ms);
    const removed = desk.desk.remove(sessionId);
    await clock.runUntil(removed);
    await clock.runUntil(app.settled());
    t.throws(() => desk.desk.session(sessionId), { message: /no maintenance session/ });
    for (const { status, hostname } of cloud.hostsByName.values())
      t.is(status, 'enabled', `${hostname} after ${ms} ms`);
    for (const { status, id } of cloud.instancesById.values()) t.is(status, 'ACTIVE', `${id} after ${ms} ms`);
    await desk.stop();
  }
});

test('an action runs for each host; one that fails fails the session, and the host comes back only if that is safe', async (t) => {
  for (const safe of [true, false]) {
    const { clock, cloud } = threeFullHosts();
    const ran: string[] = [];
    const { session } = await run({
      clock,
      cloud,
      request: { actions: ['work'] },
      desk: {
        actions: {
          work: {
            phase: 'host',
            safeToEnableAfterFailure: safe,
            expectedMs: 0,
            run: async ({ host = '' }) => {
              ran.push(host);
              if (ran.length === 2) throw new Error('the disk is on fire');
            },
          },
        },
      },
    });
    t.is(session.state, 'MAINTENANCE_FAILED');
    t.regex(session.reason ?? '', /action work on c\d: the disk is on fire/);
    t.is(ran.length, 2);
    const disabled = [...cloud.hostsByName.values()]
      .filter(({ status }) => status === 'disabled')
      .map((h) => h.hostname);
    t.deepEqual(disabled, safe ? [] : [ran[1]]);
    if (!safe) t.regex(session.reason ?? '', new RegExp(`${ran[1]} stays disabled`));
  }
});

test('a host that waits and dies ends the session; a maintained host that dies is planned around', async (t) => {
  const { clock, cloud } = threeFullHosts();
  const dead = await run({
    clock,
    cloud,
    during: (desk) => {
      desk.events.on('maintenance.host', ({ message }) => {
        if (message.state !== 'MAINTENANCE_COMPLETE') return;
        const waiting = ['c1', 'c2', 'c3'].find((name) => name !== message.host) as string;
        cloud.kill(waiting);
        void desk.desk.hostDown(waiting);
      });
    },
  });
  t.is(dead.session.state, 'MAINTENANCE_FAILED');
  t.regex(dead.session.reason ?? '', /went down before its maintenance/);
  t.true([...cloud.hostsByName.values()].every(({ status }) => status === 'enabled'));

  const second = threeFullHosts();
  second.cloud.addHost('c4', 2);
  let killed = '';
  const replanned = await run({
    ...second,
    during: (desk) => {
      desk.events.on('maintenance.host', ({ message }) => {
        if (message.state !== 'MAINTENANCE_COMPLETE' || killed !== '') return;
        killed = message.host;
        second.cloud.kill(killed);
        void desk.desk.hostDown(killed);
      });
    },
  });
  t.is(replanned.session.state, 'MAINTENANCE_DONE', replanned.session.reason);
  t.is(second.cloud.hostsByName.get(killed)?.state, 'down');
});

test('refused at creation with all the reasons, and nothing is touched', async (t) => {
  const { clock, cloud } = threeFullHosts();
  const desk = await startDesk({ clock, cloud });
  const refusal = async (request: Partial<MaintenanceRequest> & Record<string, unknown>) => {
    const error = await t.throwsAsync<DoctorError>(desk.desk.create(requestIn(clock, request)), {
      instanceOf: DoctorError,
    });
    t.is(error?.code, 'MAINTENANCE_REFUSED');
    return (error?.details.reasons ?? []) as string[];
  };
  const reasons = await refusal({
    maintenance_at: '2020-01-01 00:00:00',
    hosts: ['c1', 'c1', 'c9'],
    workflow: 'vnf',
    actions: ['unheard-of'],
    constraints: [{ group_id: 'pair', max_impacted_members: 0 }],
  });
  t.is(reasons.length, 6, reasons.join('\n'));
  for (const part of [
    'in the past',
    'c1 is given twice',
    'unknown host c9',
    'unknown workflow',
    'unknown action',
    'max_impacted_members is 0',
  ])
    t.true(
      reasons.some((reason) => reason.includes(part)),
      part,
    );
  t.regex((await refusal({ maintenance_at: 'tomorrow' }))[0] ?? '', /no date and time/);
  // nobody subscribed, so nobody can be asked to scale in
  t.regex((await refusal({}))[0] ?? '', /even after scaling in/);
  t.true([...cloud.hostsByName.values()].every(({ status }) => status === 'enabled'));
  t.is(desk.bus.published.length, 0);
  t.is(desk.repository.writes, 0);
  await desk.stop();
});

test('a host may be in one session only', async (t) => {
  const { clock, cloud } = threeFullHosts();
  cloud.addHost('c4', 2);
  cloud.addHost('c5', 2);
  const desk = await startDesk({ clock, cloud });
  const { sessionId } = await desk.desk.create(requestIn(clock, { hosts: ['c1'] }));
  await t.throwsAsync(desk.desk.create(requestIn(clock, { hosts: ['c1', 'c2'] })), {
    message: new RegExp(`c1 is in session ${sessionId} already`),
  });
  await desk.desk.create(requestIn(clock, { hosts: ['c2'] }));
  await desk.stop();
});

test('answers: late, to another state, step or session, by strangers, twice', async (t) => {
  const { clock, cloud } = threeFullHosts();
  cloud.subscribe('p');
  const desk = await startDesk({ clock, cloud, defaults: { replyTimeoutMs: 5_000 } });
  const { sessionId } = await desk.desk.create(requestIn(clock));
  const answer = (more: Record<string, unknown>) =>
    desk.desk.answer(sessionId, { projectId: 'p', state: 'ACK_MAINTENANCE', ...more });
  await t.throwsAsync(answer({ state: 'ACK_PLANNED_MAINTENANCE' }), {
    message: /the last question was MAINTENANCE/,
  });
  await t.throwsAsync(answer({ step: 7 }), { message: /step 7/ });
  await t.throwsAsync(answer({ sessionId: 'another' }), { message: /is for session another/ });
  await t.throwsAsync(answer({ projectId: 'stranger' }), { message: /not asked/ });
  await t.throwsAsync(answer({ state: 'YES' }), { message: /state must be/ });
  t.is(desk.desk.session(sessionId).projects[0]?.answer, undefined);
  await answer({});
  await answer({});
  await t.throwsAsync(answer({ state: 'NACK_MAINTENANCE' }), { message: /already been answered/ });
  t.is(desk.desk.session(sessionId).state, 'MAINTENANCE');
  // the scheduled time comes, then the next question; its deadline passes
  await clock.advance(11_000);
  t.is(desk.desk.session(sessionId).state, 'DOWN_SCALE');
  await t.throwsAsync(answer({}), { message: /the last question was DOWN_SCALE/ });
  await clock.advance(6_000);
  await t.throwsAsync(answer({ state: 'ACK_SCALE_IN' }), { message: /was due before/ });
  t.is(desk.desk.session(sessionId).state, 'MAINTENANCE_FAILED');
  await desk.stop();
});

test('a store that cannot be written stops the session before anything is done', async (t) => {
  const { clock, cloud } = threeFullHosts();
  const desk = await startDesk({ clock, cloud });
  await startApp({
    desk,
    cloud,
    clock,
    projectId: 'p',
    scalable: ['s1', 's2', 's3', 's4'],
    redundant: ['r1', 'r2'],
  });
  const { sessionId } = await desk.desk.create(requestIn(clock));
  await clock.advance(1_000);
  desk.repository.before = () => {
    throw new DoctorError('STORE', 'the disk is full');
  };
  await clock.advance(60_000);
  t.regex(desk.desk.session(sessionId).reason ?? '', /stands still: the disk is full/);
  t.is(cloud.accepted.length, 0);
  t.true([...cloud.hostsByName.values()].every(({ status }) => status === 'enabled'));
  t.deepEqual(desk.desk.problems().length, 1);
  await desk.stop();
});
