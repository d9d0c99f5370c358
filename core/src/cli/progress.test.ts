import test from 'ava';
import { createEventBus } from '../bus/index.js';
import { silentLogger } from '../log/index.js';
import type { ScenarioOutcome } from '../scenarios/index.js';
import { createVirtualClock } from '../testing/virtual-clock.js';
import { Progress } from './progress.js';

function rig(terminal = false, columns = 80) {
  let text = '';
  const events = createEventBus(createVirtualClock(), silentLogger);
  const write = (more: string) => {
    text += more;
  };
  const progress = new Progress({ write, terminal, color: false, columns, timeline: true });
  const titles = new Map([
    ['one', 'Do the first thing'],
    ['two', 'Do the second thing'],
  ]);
  progress.follow(events, 'A scenario', titles);
  const scenario = 'a';
  const step = (name: string, state: 'started' | 'done' | 'failed' | 'undone' | 'skipped', detail = '') =>
    events.emit('scenario.step', { scenario, step: name, state, ...(detail ? { detail } : {}) });
  events.emit('scenario.started', { scenario });
  return { events, step, progress, text: () => text.replaceAll(/ \d+\.\d+ ms/g, '') };
}

test('a plain line for each step that ended, with its checks before it', (t) => {
  const { step, events, text } = rig();
  step('one', 'started');
  step('one', 'started', 'half of it');
  step('one', 'done', 'all of it');
  step('two', 'started');
  events.emit('scenario.check', { scenario: 'a', check: 'it is so', verdict: 'failed', detail: 'it is not' });
  step('two', 'done');
  t.deepEqual(text().trimEnd().split('\n'), [
    'A scenario',
    '  ✔ Start the components',
    '  ✔ Do the first thing · all of it',
    '    ✕ it is so: it is not',
    '  ✖ Do the second thing',
  ]);
});

test('a step that the scenario does without is not told, one that gives it up is', (t) => {
  const { step, text } = rig();
  step('one', 'skipped');
  step('two', 'started');
  step('two', 'skipped', 'needs 3 hosts, found 2');
  t.deepEqual(text().trimEnd().split('\n').slice(2), ['  – Do the second thing · needs 3 hosts, found 2']);
});

test('the clean-up is one line, and what could not be removed another', (t) => {
  const { step, events, text } = rig();
  step('one', 'started');
  step('one', 'done');
  step('two', 'undone');
  step('one', 'failed', 'could not remove network n: in use');
  events.emit('scenario.finished', { scenario: 'a', verdict: 'failed' });
  t.deepEqual(text().trimEnd().split('\n').slice(3), [
    '  ✖ Do the first thing · could not remove network n: in use',
    '  ✔ Clean up',
  ]);
});

test('on a terminal the step under way is redrawn within its width, and cleared at the end', (t) => {
  const { step, progress, text } = rig(true, 30);
  step('one', 'started', 'a detail that is much longer than the terminal is wide');
  const drawn = text().split('\n').at(-1) ?? '';
  t.true(drawn.includes('Do the first thing'));
  t.true(drawn.length <= 30, `${drawn.length}`);
  progress.close();
  t.true(text().endsWith('\u001b[2K'));
});

test('the outcome of the scenario is the last line', (t) => {
  const { progress, text } = rig();
  const outcome = { verdict: 'failed', reason: 'no room', durationMs: 2500 } as ScenarioOutcome;
  progress.finished(outcome);
  t.is(text().trimEnd().split('\n').at(-1), '  failed: no room in 2.50 s');
});
