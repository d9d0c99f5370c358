import type { HostAddress } from '@nfv-doctor/core/plugin-api';
import { createVirtualClock } from '@nfv-doctor/core/testing';
import test from 'ava';
import { PolledProbe, type Sender } from './polled-probe.js';
import type { ProbeResult } from './probe.js';

/** Answers at once, unless told otherwise. */
class FakeSender implements Sender {
  readonly name = 'fake';
  readonly readBatch = 1;
  heard = 0;
  readonly sent: [target: number, sequence: number][] = [];
  answer: (target: number, sequence: number) => boolean = () => true;
  answered!: (target: number, sequence: number) => void;
  async start(answered: (target: number, sequence: number) => void) {
    this.answered = (target, sequence) => {
      this.heard++;
      answered(target, sequence);
    };
  }
  add(_target: number, _address: HostAddress) {}
  remove() {}
  send(target: number, sequence: number) {
    this.sent.push([target, sequence]);
    if (this.answer(target, sequence)) this.answered(target, sequence);
  }
  async stop() {}
}

const timing = { interval: 100, timeout: 100, packets: 2 };
async function start(
  count: number,
  more: Partial<typeof timing> = {},
  options: { readSockets?: () => Promise<void> } = {},
) {
  const clock = createVirtualClock();
  const sender = new FakeSender();
  const probe = new PolledProbe(sender, clock, { maxLoopLag: 20, ...options });
  await probe.start(AbortSignal.timeout(1000));
  const results: ProbeResult[][] = [];
  const watched = Array.from({ length: count }, (_, index) => {
    results[index] = [];
    return probe.watch({ plane: 'p', address: 'a' }, { ...timing, ...more }, (result) =>
      results[index]!.push(result),
    );
  });
  return { clock, sender, probe, results, watched };
}
const outcomes = (results: ProbeResult[] | undefined) => results!.map(({ outcome }) => outcome);

test('a thousand addresses at 100 ms: each probed ten times a second, one timer, few wake-ups', async (t) => {
  const { clock, sender, probe, results } = await start(1000);
  await clock.advance(100);
  const before = { sent: sender.sent.length, wakeUps: probe.wakeUps };
  await clock.advance(1000);
  t.is(sender.sent.length - before.sent, 10_000);
  t.true(probe.wakeUps - before.wakeUps <= 210, `${probe.wakeUps - before.wakeUps} wake-ups`);
  t.is(clock.pending, 1);
  t.true(results.flat().every(({ outcome }) => outcome === 'answered'));
});

test('each address has its own interval and time-out', async (t) => {
  const { clock, probe, results } = await start(0);
  const slow: ProbeResult[] = [];
  const fast: ProbeResult[] = [];
  probe.watch({ plane: 'p', address: 'a' }, { ...timing, interval: 1000 }, (result) => slow.push(result));
  probe.watch({ plane: 'p', address: 'b' }, { ...timing, interval: 50 }, (result) => fast.push(result));
  await clock.advance(10_000);
  t.is(results.length, 0);
  t.true(Math.abs(slow.length - 10) <= 1, `${slow.length}`);
  t.true(Math.abs(fast.length - 200) <= 2, `${fast.length}`);
});

test('one lost packet is no miss; silence is one, a time-out after it was sent', async (t) => {
  const { clock, sender, results } = await start(1);
  let lost = 0;
  sender.answer = (_target, sequence) => sequence !== 2 || lost++ > 0;
  await clock.advance(250);
  t.is(sender.sent.filter(([, sequence]) => sequence === 2).length, 2);
  t.deepEqual(new Set(outcomes(results[0])), new Set(['answered']));
  sender.answer = () => false;
  await clock.advance(250);
  const miss = results[0]!.find(({ outcome }) => outcome === 'missed')!;
  t.true(miss.at - miss.sentAt >= 99 && miss.at - miss.sentAt <= 115, `${miss.at - miss.sentAt}`);
});

test('at 100 ms, silence of any of a thousand addresses is a miss within 210 ms', async (t) => {
  const { clock, sender, results } = await start(1000);
  await clock.advance(333);
  const cutAt = clock.monotonic();
  sender.answer = () => false;
  await clock.advance(300);
  const first = results.map((each) => each.find(({ outcome }) => outcome === 'missed')!.at - cutAt);
  t.true(Math.max(...first) <= 210, `${Math.max(...first)} ms`);
  t.true(Math.min(...first) >= 99, `${Math.min(...first)} ms`);
});

test('one address that answers never hides another that does not', async (t) => {
  const { clock, sender, results } = await start(3);
  sender.answer = (target) => target !== 2;
  await clock.advance(1000);
  t.deepEqual(new Set(outcomes(results[1])), new Set(['missed']));
  for (const index of [0, 2]) t.deepEqual(new Set(outcomes(results[index])), new Set(['answered']));
});

test('late and duplicate answers say nothing', async (t) => {
  const { clock, sender, results } = await start(1);
  await clock.advance(50);
  sender.answered(1, 1);
  sender.answered(1, 1);
  sender.answered(77, 1);
  t.deepEqual(outcomes(results[0]), ['answered']);
  sender.answer = () => false;
  await clock.advance(260);
  const count = results[0]!.length;
  t.true(outcomes(results[0]).includes('missed'));
  sender.answered(1, 2);
  t.is(results[0]!.length, count);
});

test('answers that wait in the socket are read before the verdict', async (t) => {
  const unread: [number, number][] = [];
  let sender!: FakeSender;
  // each turn of the event loop reads one
  const rig = await start(
    50,
    { packets: 1 },
    {
      readSockets: async () => {
        const next = unread.shift();
        if (next) sender.answered(...next);
      },
    },
  );
  sender = rig.sender;
  rig.sender.answer = (target, sequence) => {
    if (target !== 50) unread.push([target, sequence]);
    return false;
  };
  await rig.clock.advance(200);
  t.true(outcomes(rig.results[49]).includes('missed'));
  for (const results of rig.results.slice(0, 49)) t.false(outcomes(results).includes('missed'));
});

test('nobody is missed because the event loop was late: the probe is inconclusive and repeated at once', async (t) => {
  const clock = createVirtualClock();
  let stolen = 0;
  const late = { ...clock, monotonic: () => clock.monotonic() + stolen };
  const sender = new FakeSender();
  const probe = new PolledProbe(sender, late, { maxLoopLag: 20 });
  await probe.start(AbortSignal.timeout(1000));
  const results: ProbeResult[] = [];
  probe.watch({ plane: 'p', address: 'a' }, timing, (result) => results.push(result));
  await clock.advance(210);
  sender.answer = () => false;
  await clock.advance(100);
  // the loop stands still for half a second; what came meanwhile was lost
  stolen += 500;
  await clock.advance(20);
  t.is(results.at(-1)!.outcome, 'inconclusive');
  const repeated = sender.sent.at(-1)![1];
  t.true(probe.lags > 0);
  sender.answer = () => true;
  await clock.advance(200);
  t.is(results.filter(({ outcome }) => outcome === 'missed').length, 0);
  t.true(sender.sent.at(-1)![1] > repeated);
  t.is(results.at(-1)!.outcome, 'answered');
});

test('no result follows a stop', async (t) => {
  const { clock, sender, results, watched, probe } = await start(2);
  sender.answer = () => false;
  await clock.advance(90);
  watched[0]!.stop();
  const before = results[0]!.length;
  await clock.advance(500);
  t.is(results[0]!.length, before);
  t.true(results[1]!.length > 0);
  await probe.stop();
  t.is(clock.pending, 0);
});
