import test from 'ava';
import fc from 'fast-check';
import { type HostPolicy, HostState, PlaneState } from './host-policy.js';

const policy: HostPolicy = {
  misses: 2,
  upAfter: 1,
  planes: 'all',
  flapChanges: 4,
  flapWindow: 60_000,
  flapHold: 10_000,
  evidence: 5,
};
type Word = 'a' | 'm' | 'i';
const OUTCOMES = { a: 'answered', m: 'missed', i: 'inconclusive' } as const;

/** Verdicts for words such as `0a 1m`: result `missed` of plane 1, each 100 ms after the one before. */
function play(words: string, more: Partial<HostPolicy> = {}, names = ['management', 'storage', 'data']) {
  const planes = names.map((name, index) => new PlaneState(name, `10.0.${index}.1`));
  const state = new HostState(planes, { ...policy, ...more }, false);
  let at = 0;
  const verdicts: string[] = [];
  const step = (word: string) => {
    at += 100;
    const result = { outcome: OUTCOMES[word[1] as Word], at, sentAt: at - 50 };
    const verdict = state.take(planes[Number(word[0])]!, result);
    if (verdict) verdicts.push(`${verdict}@${at}`);
  };
  for (const word of words.split(' ')) step(word);
  return { state, verdicts, step };
}

test('misses in a row make an address silent; an answer in between does not', (t) => {
  t.deepEqual(play('0a 0m 0a 0m 0a', {}, ['one']).verdicts, ['seen@100']);
  t.deepEqual(play('0a 0m 0m', {}, ['one']).verdicts, ['seen@100', 'down@300']);
  t.deepEqual(play('0a 0m 0i 0i 0i', {}, ['one']).verdicts, ['seen@100'], 'inconclusive is no miss');
  t.deepEqual(play('0a 0m', { misses: 1 }, ['one']).verdicts, ['seen@100', 'down@200']);
});

test('which planes must agree: all, any, a number, names', (t) => {
  const seen = '0a 1a 2a';
  t.deepEqual(play(`${seen} 0m 0m 1m 1m`).verdicts.slice(1), []);
  t.deepEqual(play(`${seen} 0m 0m 1m 1m 2m 2m`).verdicts.slice(1), ['down@900']);
  t.deepEqual(play(`${seen} 1m 1m`, { planes: 'any' }).verdicts.slice(1), ['down@500']);
  t.deepEqual(play(`${seen} 0m 0m 2m 2m`, { planes: 2 }).verdicts.slice(1), ['down@700']);
  t.deepEqual(play(`${seen} 0m 0m 1m 1m`, { planes: ['storage'] }).verdicts.slice(1), ['down@700']);
  t.deepEqual(play('0a 0m 0m', { planes: ['storage'] }, ['management']).verdicts.slice(1), ['down@300']);
});

test('up when the rule no longer calls it down', (t) => {
  t.deepEqual(play('0a 0m 0m 0a', {}, ['one']).verdicts, ['seen@100', 'down@300', 'up@400']);
  t.deepEqual(play('0a 0m 0m 0a 0m 0a 0a', { upAfter: 2 }, ['one']).verdicts, [
    'seen@100',
    'down@300',
    'up@700',
  ]);
});

test('a host that never answered is not condemned, unless asked for', (t) => {
  t.deepEqual(play('0m 0m 0m 0m', {}, ['one']).verdicts, []);
  const plane = new PlaneState('one', '10.0.0.1');
  const state = new HostState([plane], policy, true);
  const miss = (at: number) => state.take(plane, { outcome: 'missed', at, sentAt: at - 100 });
  t.deepEqual([miss(100), miss(200), miss(300)], [undefined, 'down', undefined]);
});

test('a host that was down before a restart: its return is told, its silence not again', (t) => {
  const plane = new PlaneState('one', '10.0.0.1');
  const state = new HostState([plane], policy, false, true);
  t.is(state.take(plane, { outcome: 'missed', at: 100, sentAt: 0 }), undefined);
  t.is(state.take(plane, { outcome: 'missed', at: 200, sentAt: 100 }), undefined);
  t.is(state.take(plane, { outcome: 'answered', at: 300, sentAt: 290 }), 'up');
});

test('flapping: down at once, up only after it answered everything for a while', (t) => {
  const { verdicts, step } = play('0a 0m 0m 0a 0m 0m 0a 0m 0m', {}, ['one']);
  t.deepEqual(verdicts, ['seen@100', 'down@300', 'up@400', 'down@600', 'up@700', 'down@900']);
  for (let index = 0; index < 90; index++) step('0a');
  t.is(verdicts.length, 6, 'held');
  for (let index = 0; index < 20; index++) step('0a');
  t.is(verdicts.at(-1), 'up@10900');
});

test('whatever comes, down and up alternate, and down needs so many misses in a row', (t) => {
  const word = fc
    .tuple(fc.constantFrom('0', '1'), fc.constantFrom('a', 'm', 'i'))
    .map(([plane, what]) => plane + what);
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 80 }),
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom('all', 'any', 1, 2),
      (words, misses, planes) => {
        const { verdicts, state } = play(
          words.join(' '),
          { misses, planes: planes as HostPolicy['planes'] },
          ['one', 'two'],
        );
        const changes = verdicts
          .filter((verdict) => !verdict.startsWith('seen'))
          .map((verdict) => verdict.split('@')[0]);
        changes.forEach((change, index) => {
          if (change !== (index % 2 === 0 ? 'down' : 'up')) throw new Error(verdicts.join());
        });
        if (state.isSilent() && state.view === 'up') throw new Error('silent and up');
        for (const plane of state.planes)
          if (plane.silent && plane.misses === 0 && plane.answers === 0)
            throw new Error('silent without a miss');
      },
    ),
  );
  t.pass();
});
