import test from 'ava';
import { DoctorError } from '@nfv-doctor/core/plugin-api';
import { INTERRUPTIONS, members } from './constraints.test.helper.js';
import { parseConstraints } from './parse.js';
import { conflictsWith, resolveConstraints } from './resolve.js';

const parse = (instances: unknown, groups: unknown = {}, migrationTypes = ['MIGRATE']) =>
  parseConstraints({ instances, groups, migrationTypes, interruptions: INTERRUPTIONS });

test('the first entry that matches counts; times have units', (t) => {
  const rules = parse(
    [
      { name: '*-db-?', group: 'db', max_interruption_time: '1 min', lead_time: 250 },
      { part: 'redundant', group: 'pair', migration_types: ['LIVE_MIGRATE', 'OWN_ACTION'] },
      { part: 'scalable', lead_time: '2 s' },
    ],
    { db: { max_impacted_members: 2, recovery_time: '10 s' }, pair: { anti_affinity: true } },
  );
  const { instances, groups } = resolveConstraints(rules, members(['db-1', 'x'], ['db-2', 'w.1']));
  t.like(instances.get('db-1'), { group: 'db', maxInterruptionMs: 60_000, leadTimeMs: 250 });
  t.like(instances.get('x'), { group: 'pair' });
  t.like(instances.get('w.1'), { leadTimeMs: 2_000, maxInterruptionMs: Number.POSITIVE_INFINITY });
  t.deepEqual(instances.get('w.1')?.migrationTypes, ['MIGRATE']);
  t.deepEqual(
    groups.map(({ name, members, maxImpactedMembers, recoveryTimeMs }) => [
      name,
      members,
      maxImpactedMembers,
      recoveryTimeMs,
    ]),
    [
      ['db', ['db-1', 'db-2'], 2, 10_000],
      ['pair', ['x'], Number.POSITIVE_INFINITY, 0],
    ],
  );
});

test('what is wrong or contradicts itself is told all at once', (t) => {
  const error = t.throws<DoctorError>(
    () =>
      parse(
        [
          { group: 'nowhere' },
          { max_interruption_time: '1 s', migration_types: ['MIGRATE'] },
          { lead_time: 'soon' },
          { colour: 'red' },
          { migration_types: ['TELEPORT'] },
          { migration_types: [] },
        ],
        { g: { max_impacted_members: 0 }, h: { max_impacted_members: 'two' } },
        ['MIGRATE', 'FLY'],
      ),
    { instanceOf: DoctorError },
  );
  t.is(error?.code, 'CONFIG_INVALID');
  const reasons = (error?.details['reasons'] ?? []) as string[];
  for (const part of [
    /groups\.g: max_impacted_members is 0/,
    /groups\.h\.max_impacted_members: /,
    /migration_types must be some of .*FLY/,
    /instances\[0\]: there is no group nowhere; there are: g/,
    /instances\[1\]: max_interruption_time is 1000 ms.*MIGRATE 30000 ms/,
    /instances\[2\]\.lead_time: "soon" is no duration/,
    /instances\[3\]\.colour/,
    /instances\[4\]\.migration_types\.0/,
    /instances\[5\]\.migration_types/,
  ])
    t.true(
      reasons.some((reason) => part.test(reason)),
      `${part} in ${reasons.join('\n')}`,
    );
  t.throws(() => parse('none'), { message: /instances must be a list/ });
});

test('anti-affinity that what exists contradicts', (t) => {
  const rules = parse([{ part: 'redundant', group: 'pair' }], { pair: { anti_affinity: true } });
  const resolved = resolveConstraints(rules, members(['a', 'b'], []));
  const together = { id: 's', name: 'near', policy: 'affinity', members: ['a', 'b'] };
  const nowhere = () => undefined;
  t.deepEqual(conflictsWith(resolved, [], nowhere), []);
  t.deepEqual(conflictsWith(resolved, [{ ...together, policy: 'anti-affinity' }], nowhere), []);
  t.regex(
    conflictsWith(resolved, [together], nowhere)[0] ?? '',
    /server group near \(affinity\) keeps a, b together/,
  );
  t.regex(conflictsWith(resolved, [], () => 'c1')[0] ?? '', /a, b are on c1 together/);
});
