import {
  assert,
  array,
  boolean,
  constantFrom,
  integer,
  property,
  record,
  subarray,
  uniqueArray,
} from 'fast-check';
import test from 'ava';
import { INSTANCE_ACTIONS, type InstanceAction } from '@nfv-doctor/core/plugin-api';
import { INTERRUPTIONS } from './constraints.test.helper.js';
import { judge, type Situation } from './judge.js';
import type { Constraints } from './model.js';

const IDS = ['a', 'b', 'c', 'd', 'e', 'f'];
const actions = () => subarray([...INSTANCE_ACTIONS]);

const instanceOf = record({
  leadTimeMs: integer({ min: 0, max: 100 }),
  maxInterruptionMs: constantFrom(0, 500, 30_000, Number.POSITIVE_INFINITY),
  migrationTypes: uniqueArray(constantFrom<InstanceAction>(...INSTANCE_ACTIONS), { minLength: 1 }),
});
const groupOf = record({
  maxImpactedMembers: integer({ min: 1, max: 4 }),
  recoveryTimeMs: integer({ min: 0, max: 50 }),
  members: subarray(IDS, { minLength: 1 }),
});
const casesOf = record({
  instances: array(instanceOf, { minLength: IDS.length, maxLength: IDS.length }),
  groups: array(groupOf, { maxLength: 3 }),
  lastActionAt: array(integer({ min: 900, max: 1_000 }), { minLength: 3, maxLength: 3 }),
  asked: subarray(IDS, { minLength: 1 }),
  allowed: actions(),
  impacted: subarray(IDS),
  remakeable: subarray(IDS),
  waited: integer({ min: 0, max: 100 }),
  due: integer({ min: 0, max: 150 }),
  toolPaces: boolean(),
});

test('whatever is agreed to keeps to every constraint; whatever is waited for can still be in time', (t) => {
  const seen = { act: 0, wait: 0, refuse: 0 };
  assert(
    property(casesOf, (given) => {
      const constraints: Constraints = {
        instances: new Map(
          IDS.map((id, index) => [id, given.instances[index] as (typeof given.instances)[number]]),
        ),
        groups: given.groups.map((group, index) => ({ ...group, name: `g${index}`, antiAffinity: false })),
      };
      const now = 1_000 + given.waited;
      const situation: Situation = {
        now,
        receivedAt: 1_000,
        deadline: Math.max(now, 1_000 + given.due),
        asked: given.asked,
        allowed: given.allowed,
        impacted: new Set(given.impacted),
        lastActionAt: new Map(given.lastActionAt.map((at, index) => [`g${index}`, at])),
        remakeable: new Set(given.remakeable),
        toolPaces: given.toolPaces,
      };
      const judgement = judge(constraints, INTERRUPTIONS, situation);
      seen[judgement.kind]++;
      t.deepEqual(judge(constraints, INTERRUPTIONS, situation), judgement);
      if (judgement.kind === 'refuse') return t.not(judgement.reason, '');
      if (judgement.kind === 'wait') {
        if (judgement.until !== undefined)
          t.true(judgement.until > now && judgement.until <= situation.deadline);
        return undefined;
      }
      t.deepEqual(Object.keys(judgement.actions).toSorted(), given.asked.toSorted());
      for (const [id, action] of Object.entries(judgement.actions)) {
        const own = constraints.instances.get(id);
        t.true(own?.migrationTypes.includes(action));
        t.true(INTERRUPTIONS[action] <= (own?.maxInterruptionMs ?? 0));
        t.true(given.allowed.length === 0 || given.allowed.includes(action));
        t.true(action !== 'OWN_ACTION' || given.remakeable.includes(id));
        t.true(now >= 1_000 + (own?.leadTimeMs ?? 0));
      }
      for (const { name, members, maxImpactedMembers, recoveryTimeMs } of constraints.groups) {
        const touched = members.filter((id) => given.asked.includes(id));
        if (touched.length === 0) continue;
        t.true(now >= (situation.lastActionAt.get(name) ?? 0) + recoveryTimeMs);
        const others = members.filter((id) => given.impacted.includes(id) && !touched.includes(id));
        // what the manager does itself it does one after another
        const byTool = touched.filter((id) => judgement.actions[id] !== 'OWN_ACTION');
        const atOnce = given.toolPaces && recoveryTimeMs === 0 ? Math.min(1, byTool.length) : byTool.length;
        t.true(others.length + atOnce <= maxImpactedMembers);
        t.true(others.length < maxImpactedMembers);
      }
      return undefined;
    }),
    { numRuns: 5_000 },
  );
  t.log(JSON.stringify(seen));
  // a property that is only ever tried on refusals proves nothing
  t.true(seen.act > 200 && seen.wait > 200 && seen.refuse > 200, JSON.stringify(seen));
});
