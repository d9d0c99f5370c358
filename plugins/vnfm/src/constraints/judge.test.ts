import test from 'ava';
import { constraints, group, instance, INTERRUPTIONS, situation } from './constraints.test.helper.js';
import { judge, obstacle } from './judge.js';
import type { Constraints } from './model.js';
import type { Situation } from './judge.js';

const verdict = (given: Constraints, asked: string[], more: Partial<Situation> = {}) =>
  judge(given, INTERRUPTIONS, situation(asked, more));
const T0 = 1_000_000;

test('the first way counts that is wanted, offered, possible, and interrupts no longer than is borne', (t) => {
  const given = constraints({
    a: instance(),
    b: instance({ maxInterruptionMs: 1_000 }),
    c: instance({ maxInterruptionMs: 100 }),
    d: instance({ migrationTypes: ['LIVE_MIGRATE', 'MIGRATE'] }),
  });
  t.deepEqual(verdict(given, ['a', 'b', 'c', 'd']), {
    kind: 'act',
    actions: { a: 'MIGRATE', b: 'LIVE_MIGRATE', c: 'OWN_ACTION', d: 'LIVE_MIGRATE' },
  });
  t.deepEqual(verdict(given, ['d'], { allowed: ['MIGRATE', 'OWN_ACTION'] }), {
    kind: 'act',
    actions: { d: 'MIGRATE' },
  });
  t.deepEqual(verdict(given, ['a'], { allowed: [] }), { kind: 'act', actions: { a: 'MIGRATE' } });
  t.like(verdict(given, ['b'], { allowed: ['MIGRATE'] }), { kind: 'refuse' });
  t.like(verdict(given, ['c'], { remakeable: new Set() }), { kind: 'refuse' });
  // who is in no constraint bears anything
  t.deepEqual(verdict(given, ['x']), { kind: 'act', actions: { x: 'MIGRATE' } });
});

test('a refusal names the instance, what it bears and what is offered', (t) => {
  const given = constraints({ b: instance({ maxInterruptionMs: 1_000, migrationTypes: ['LIVE_MIGRATE'] }) });
  t.is(
    obstacle('b', given, INTERRUPTIONS, { allowed: ['MIGRATE'], remakeable: new Set(['b']) }),
    'instance b may be moved by LIVE_MIGRATE within 1000 ms of interruption, and none of these is possible: offered are MIGRATE',
  );
});

test('lead time: waits until the notice was long enough, refuses when it cannot be', (t) => {
  const given = constraints({ a: instance({ leadTimeMs: 5_000 }), b: instance({ leadTimeMs: 20_000 }) });
  t.like(verdict(given, ['a', 'b']), { kind: 'wait', until: T0 + 20_000 });
  t.like(verdict(given, ['a', 'b'], { now: T0 + 19_999 }), { kind: 'wait', until: T0 + 20_000 });
  t.like(verdict(given, ['a', 'b'], { now: T0 + 20_000 }), { kind: 'act' });
  const refusal = verdict(given, ['a', 'b'], { deadline: T0 + 19_999 });
  t.regex(refusal.kind === 'refuse' ? refusal.reason : '', /instance b needs 20000 ms of notice/);
});

test('recovery time: runs from the end of the last action on the group', (t) => {
  const given = constraints({ a: instance() }, group(['a', 'b'], { recoveryTimeMs: 10_000 }));
  const since = (at: number, more: Partial<Situation> = {}) =>
    verdict(given, ['a'], { lastActionAt: new Map([['g', at]]), ...more });
  t.like(verdict(given, ['a']), { kind: 'act' });
  t.like(since(T0 - 4_000), { kind: 'wait', until: T0 + 6_000 });
  t.like(since(T0 - 10_000), { kind: 'act' });
  t.like(since(T0 - 4_000, { deadline: T0 + 5_999 }), { kind: 'refuse' });
});

test('max impacted members: others that are out of service are waited for, whoever they belong to', (t) => {
  const given = constraints({ a: instance() }, group(['a', 'b', 'c'], { maxImpactedMembers: 1 }));
  t.like(verdict(given, ['a'], { impacted: new Set(['b']) }), { kind: 'wait' });
  t.like(verdict(given, ['a'], { impacted: new Set(['a', 'x']) }), { kind: 'act' });
  const waiting = verdict(given, ['a'], { impacted: new Set(['b']) });
  t.is(waiting.kind === 'wait' ? waiting.until : 0, undefined);
});

test('more members than may be touched at once: one after another by OWN_ACTION, or by a tool that keeps the pace', (t) => {
  const three = { a: instance(), b: instance(), c: instance() };
  const given = constraints(three, group(['a', 'b', 'c'], { maxImpactedMembers: 1 }));
  t.deepEqual(verdict(given, ['a', 'b']), {
    kind: 'act',
    actions: { a: 'OWN_ACTION', b: 'OWN_ACTION' },
  });
  t.deepEqual(verdict(given, ['a', 'b'], { toolPaces: true }), {
    kind: 'act',
    actions: { a: 'MIGRATE', b: 'MIGRATE' },
  });
  // the tool does not know how long the group needs to recover
  const slow = constraints(three, group(['a', 'b', 'c'], { maxImpactedMembers: 1, recoveryTimeMs: 1 }));
  t.like(verdict(slow, ['a', 'b'], { toolPaces: true }), { actions: { a: 'OWN_ACTION', b: 'OWN_ACTION' } });
  const refusal = verdict(given, ['a', 'b'], { allowed: ['MIGRATE'] });
  t.regex(refusal.kind === 'refuse' ? refusal.reason : '', /2 members are to be touched, at most 1/);
  // with the other out of service back, the two would be possible
  const pair = constraints(three, group(['a', 'b', 'c'], { maxImpactedMembers: 2 }));
  t.like(verdict(pair, ['a', 'b'], { allowed: ['MIGRATE'], impacted: new Set(['c']) }), { kind: 'wait' });
});

test('of several reasons to wait the longest is told; a reason to refuse goes before', (t) => {
  const given = constraints(
    { a: instance({ leadTimeMs: 5_000 }), b: instance() },
    group(['a'], { name: 'first', recoveryTimeMs: 9_000 }),
    group(['b', 'c'], { name: 'second', maxImpactedMembers: 1 }),
  );
  const lastActionAt = new Map([['first', T0]]);
  t.like(verdict(given, ['a'], { lastActionAt }), { kind: 'wait', until: T0 + 9_000 });
  const crowded = verdict(given, ['a', 'b'], { lastActionAt, impacted: new Set(['c']) });
  t.regex(crowded.kind === 'wait' ? crowded.reason : '', /group second/);
  t.like(verdict(given, ['a', 'b'], { lastActionAt, impacted: new Set(['c']), deadline: T0 + 8_000 }), {
    kind: 'refuse',
  });
});
