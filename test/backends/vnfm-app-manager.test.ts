import { DoctorError, until } from '@nfv-doctor/core';
import { appManagerContract, systemClock } from '@nfv-doctor/core/testing';
import parallel, { type ExecutionContext, type TestFn } from 'ava';
import { createVnfm, startVnfm } from './vnfm-rig.js';

/** Each has a whole cloud, and calls with short time-outs. */
const test = parallel.serial as TestFn;

appManagerContract(test, () => startVnfm());

const PAIR = {
  groups: { pair: { max_impacted_members: 1 } },
  instances: [{ part: 'redundant', group: 'pair' }],
};

async function managed(t: ExecutionContext, config: Record<string, unknown> = {}) {
  t.timeout(60_000);
  const rig = await startVnfm(config);
  t.teardown(() => rig.close());
  await rig.manager.manage(rig.application);
  const [first = '', second = ''] = rig.application.redundant;
  return { ...rig, rig, first, second };
}
const eventually = (what: string, look: () => Promise<boolean> | boolean) =>
  until(look, { clock: systemClock, what, timeoutMs: 15_000, intervalMs: 10 });

test('answers per instance: the first way that is wanted, offered and interrupts no longer than is borne', async (t) => {
  const { ask, answered, instance } = await managed(t, {
    instances: [
      { name: '*_app_0', part: 'scalable', max_interruption_time: '1 s' },
      { name: '*_app_1', part: 'scalable', migration_types: ['OWN_ACTION', 'MIGRATE'] },
    ],
  });
  const [zero, one, two] = [0, 1, 2].map((index) => instance(`doctor_nonha_app_${index}`).id) as [
    string,
    string,
    string,
  ];
  await ask('PLANNED_MAINTENANCE', [zero, one, two], { allowed: "['MIGRATE', 'LIVE_MIGRATE']" });
  t.deepEqual((await answered(1)).instance_actions, {
    [zero]: 'LIVE_MIGRATE',
    [one]: 'MIGRATE',
    [two]: 'MIGRATE',
  });
  await ask('PLANNED_MAINTENANCE', [zero], { allowed: "['MIGRATE']" });
  t.like(await answered(2), { state: 'NACK_PLANNED_MAINTENANCE' });
  t.regex((await answered(2)).reason ?? '', new RegExp(`instance ${zero} may be moved by`));
  // what would be refused in the middle is refused at the beginning
  await ask('MAINTENANCE', [], { allowed: "['MIGRATE']" });
  t.like(await answered(3), { state: 'NACK_MAINTENANCE' });
});

test('lead time and recovery time hold the answer back; where the deadline comes before, it is no, with the reason', async (t) => {
  const { ask, answered, done, first, second } = await managed(t, {
    groups: { pair: { max_impacted_members: 1, recovery_time: 1_500 } },
    instances: [{ part: 'redundant', group: 'pair', lead_time: 300 }],
  });
  const asked = performance.now();
  await ask('PLANNED_MAINTENANCE', [first], { replyInMs: 10_000 });
  const one = await answered(1);
  t.is(one.state, 'ACK_PLANNED_MAINTENANCE');
  t.true(one.at - asked >= 300, `${one.at - asked} ms of notice`);
  const ended = performance.now();
  await done(first);
  await ask('PLANNED_MAINTENANCE', [second], { replyInMs: 1_000 });
  const two = await answered(2);
  t.is(two.state, 'NACK_PLANNED_MAINTENANCE');
  t.regex(two.reason ?? '', /group pair needs 1500 ms to recover/);
  // it is known at once
  t.true(two.at - ended < 800);
  await ask('PLANNED_MAINTENANCE', [second], { replyInMs: 10_000 });
  const three = await answered(3);
  t.is(three.state, 'ACK_PLANNED_MAINTENANCE');
  t.true(three.at - ended >= 1_490, `${three.at - ended} ms to recover`);
});

test('members that another session touches are waited for, also across a restart', async (t) => {
  const { rig, ask, answered, answers, done, first, second } = await managed(t, PAIR);
  await ask('PLANNED_MAINTENANCE', [first], { session: 'one' });
  t.is((await answered(1, 'one')).state, 'ACK_PLANNED_MAINTENANCE');
  await rig.restart();
  await ask('PLANNED_MAINTENANCE', [second], { session: 'two', replyInMs: 600 });
  const refused = await answered(1, 'two');
  t.is(refused.state, 'NACK_PLANNED_MAINTENANCE');
  t.regex(refused.reason ?? '', /group pair: 1 of its members are out of service, and at most 1 may be/);
  await ask('PLANNED_MAINTENANCE', [second], { session: 'two', replyInMs: 20_000 });
  t.is(answers().filter(({ session_id }) => session_id === 'two').length, 1);
  await done(first, 'one');
  const agreed = await answered(2, 'two');
  t.is(agreed.state, 'ACK_PLANNED_MAINTENANCE', agreed.reason);
  // the service had left its member before
  t.is(rig.manager.application(rig.application.owner.projectId)?.redundant[0], first);
});

test('more members than may be touched at once are made again one after another', async (t) => {
  const { ask, answered, application, rig, cloud } = await managed(t, {
    groups: { workers: { max_impacted_members: 1, recovery_time: 300 } },
    instances: [{ part: 'scalable', group: 'workers' }],
  });
  const two = application.scalable.slice(0, 2);
  const gone: number[] = [];
  const bus = cloud.doctor.role('message_bus');
  // what could not be made beside the old one, on full hosts, is deleted, too
  await bus.subscribe(['compute.instance.delete.end'], ({ payload }) => {
    if (two.includes(String(payload['instance_id']))) gone.push(performance.now());
  });
  await ask('PLANNED_MAINTENANCE', two);
  t.deepEqual(Object.values((await answered(1)).instance_actions ?? {}), ['OWN_ACTION', 'OWN_ACTION']);
  const { projectId } = application.owner;
  await eventually('two instances to be made again', () => {
    const now = rig.manager.application(projectId)?.scalable ?? [];
    return now.length === 4 && two.every((id) => !now.includes(id));
  });
  t.is(gone.length, 2);
  t.true((gone[1] ?? 0) - (gone[0] ?? 0) >= 300, gone.join(', '));
  await ask('PLANNED_MAINTENANCE', rig.manager.application(projectId)?.scalable.slice(0, 2) ?? [], {
    allowed: "['MIGRATE']",
  });
  t.regex((await answered(2)).reason ?? '', /2 members are to be touched, at most 1 may be at the same time/);
});

test('constraints at Fenix are kept in step with what exists, and taken back', async (t) => {
  const { rig, ask, answered, constraint, application, fenix, first } = await managed(t, {
    ...PAIR,
    instances: [
      {
        part: 'redundant',
        group: 'pair',
        lead_time: 1_200,
        max_interruption_time: 700,
        migration_types: ['LIVE_MIGRATE'],
      },
    ],
  });
  const { projectId } = application.owner;
  const body = await constraint(`/instance/${first}`);
  t.like(body, {
    instance_id: first,
    project_id: projectId,
    migration_type: 'LIVE_MIGRATE',
    // rounded so that the constraint is kept
    lead_time: 2,
    max_interruption_time: 0,
  });
  const group = await constraint(`/instance_group/${String(body?.['group_id'])}`);
  t.like(group, { group_name: 'pair', max_impacted_members: 1, anti_affinity_group: false });
  await ask('DOWN_SCALE', [...application.redundant, ...application.scalable]);
  await answered(1);
  const left = rig.manager.application(projectId)?.scalable ?? [];
  const released = application.scalable.filter((id) => !left.includes(id));
  t.is(released.length, 2);
  for (const id of released) t.is(await constraint(`/instance/${id}`), undefined);
  for (const id of left) t.truthy(await constraint(`/instance/${id}`));
  await ask('MAINTENANCE_COMPLETE', []);
  await answered(2);
  const back = rig.manager.application(projectId)?.scalable ?? [];
  t.is(back.length, 4);
  for (const id of back) t.truthy(await constraint(`/instance/${id}`));
  const puts = fenix.requests.filter((request) => request.startsWith('PUT')).length;
  // two groups and six instances, later two new ones and the other group's... nothing that has not changed
  t.true(puts <= 2 + 6 + 2 + 2, `${puts} PUTs`);
  await rig.manager.release();
  for (const id of [first, ...back]) t.is(await constraint(`/instance/${id}`), undefined);
  t.is(await constraint(`/instance_group/${String(body?.['group_id'])}`), undefined);
});

for (const weather of ['unreachable', 'forbidden', 'failing', 'hanging', 'gone'] as const)
  test(`constraints API ${weather}: the answers keep to the constraints all the same`, async (t) => {
    t.timeout(60_000);
    const rig = await startVnfm(PAIR);
    t.teardown(() => rig.close());
    const [first = ''] = rig.application.redundant;
    rig.fenix.set(weather);
    await rig.manager.manage(rig.application);
    const health = await rig.manager.health();
    if (weather === 'gone') t.is(health.status, 'up');
    else {
      t.is(health.status, 'degraded');
      t.regex(health.detail, /constraints could not be handed to the admin tool: /);
    }
    await rig.ask('PLANNED_MAINTENANCE', [first]);
    t.is((await rig.answered(1)).state, 'ACK_PLANNED_MAINTENANCE');
    rig.fenix.set(undefined);
    if (weather === 'gone') return;
    // the next change hands over what is missing
    await rig.ask('DOWN_SCALE', rig.application.scalable);
    await rig.answered(2);
    t.truthy(await rig.constraint(`/instance/${first}`));
    t.is((await rig.manager.health()).status, 'up');
  });

test('constraints_api off: nobody is told', async (t) => {
  const { fenix } = await managed(t, { ...PAIR, constraints_api: 'off' });
  t.deepEqual(fenix.requests, []);
});

for (const [weather, said] of [
  ['unreachable', /cannot be reached/],
  ['forbidden', /answered 403/],
  ['conflict', /answered 409/],
] as const)
  test(`reply_url ${weather}: told, nothing is done that was not agreed to, and the next answer works`, async (t) => {
    const { rig, ask, answered, replies, exists, instance } = await managed(t, {
      ...PAIR,
      migration_types: ['OWN_ACTION'],
    });
    const { id } = instance('doctor_nonha_app_0');
    // the instances are still served, the answer is not taken
    replies.set(weather, 1);
    await ask('PLANNED_MAINTENANCE', [id]);
    await eventually(
      'the failure to be told',
      async () => (await rig.manager.health()).status === 'degraded',
    );
    t.regex((await rig.manager.health()).detail, said);
    replies.set(undefined);
    await ask('MAINTENANCE', []);
    t.is((await answered(1)).state, 'ACK_MAINTENANCE');
    t.true(await exists(id), 'an own action that nobody took was done');
    t.is((await rig.manager.health()).status, 'up');
  });

test('an answer whose turn comes after its deadline is none', async (t) => {
  const { ask, answered, application, rig, first, second } = await managed(t, PAIR);
  await ask('PLANNED_MAINTENANCE', [first], { session: 'one' });
  t.is((await answered(1)).state, 'ACK_PLANNED_MAINTENANCE');
  await ask('PLANNED_MAINTENANCE', [second], { session: 'two', replyInMs: 800 });
  await ask('DOWN_SCALE', [second], { session: 'three', replyInMs: 200 });
  t.is((await answered(2)).state, 'NACK_PLANNED_MAINTENANCE');
  const late = await answered(3);
  t.is(late.state, 'NACK_DOWN_SCALE');
  t.regex(late.reason ?? '', /was due at .*, and its turn came later/);
  t.is(rig.manager.application(application.owner.projectId)?.scalable.length, 4);
});

test('anti-affinity that nobody keeps is refused at the start, and leaves nothing', async (t) => {
  t.timeout(60_000);
  const rig = await startVnfm({
    constraints_api: 'off',
    groups: { pair: { anti_affinity: true } },
    instances: [{ part: 'redundant', group: 'pair' }],
  });
  t.teardown(() => rig.close());
  const error = await t.throwsAsync<DoctorError>(rig.manager.manage(rig.application), {
    instanceOf: DoctorError,
  });
  t.is(error?.code, 'CONFLICT');
  t.regex(error?.message ?? '', /group pair demands anti_affinity, but its members are in no server group/);
  t.deepEqual(rig.alarms(), []);
});

test('constraints that contradict each other are refused before anything starts', (t) => {
  const error = t.throws<DoctorError>(
    () =>
      createVnfm({ groups: { g: { max_impacted_members: 0 } }, instances: [{ group: 'h' }] }, {}, undefined),
    { instanceOf: DoctorError },
  );
  t.is(error?.code, 'CONFIG_INVALID');
  t.regex(error?.message ?? '', /max_impacted_members is 0.*there is no group h/);
});
