import type { Clock, HostAddress } from '@nfv-doctor/core/plugin-api';
import type { Probe, ProbeTiming, ResultListener, Watched } from './probe.js';
import { TimerWheel, type WheelEntry } from './timer-wheel.js';

/** What sends probes and hears answers, for a `PolledProbe`. */
export interface Sender {
  readonly name: string;
  /** @param answered to be called for each answer, with what `send` was given; called again for duplicates is harmless */
  start(answered: (target: number, sequence: number) => void, signal: AbortSignal): Promise<void>;
  add(target: number, address: HostAddress): void;
  remove(target: number): void;
  /** Must not throw: what cannot be sent is a miss. */
  send(target: number, sequence: number): void;
  stop(): Promise<void>;
  problem?(): string | undefined;
  /** Everything that was read from the sockets so far, also what is no answer. */
  readonly heard: number;
  /** How much one turn of the event loop reads at most; less means that nothing more waits. */
  readonly readBatch: number;
}

/** Looks whether the event loop keeps time, while answers are awaited. */
class Heartbeat implements WheelEntry {
  tick = -1;
}
const HEARTBEAT_MS = 10;

interface Target extends WheelEntry {
  readonly id: number;
  readonly timing: ProbeTiming;
  readonly listener: ResultListener;
  sequence: number;
  sentAt: number;
  packetsSent: number;
  answeredAt: number;
  /** Waits for unread answers to be read before it is judged. */
  judged: boolean;
  stopped: boolean;
}

export interface PolledOptions {
  /** Lag of this process' event loop, ms, above which probes under way prove nothing. */
  maxLoopLag: number;
  tickMs?: number;
  /** Lets the event loop read what has arrived; default: one turn. */
  readSockets?: () => Promise<void>;
}

/** Unread answers are read for this many turns of the event loop at most; what is unread then makes the probes inconclusive. */
const MAX_TURNS = 1000;

/**
 * Sends at each address' own interval and judges when the time-out has passed. An address is never judged on what this
 * process did not get to read: answers that wait in a socket are read first, and a probe during which the event loop
 * was late is inconclusive and sent again at once.
 */
export class PolledProbe implements Probe {
  readonly #targets = new Map<number, Target>();
  readonly #wheel: TimerWheel<Target | Heartbeat>;
  readonly #suspects: Target[] = [];
  readonly #heartbeat = new Heartbeat();
  /** Probes that were sent and neither answered nor judged. */
  #awaited = 0;
  #nextId = 1;
  #judging = false;
  /** Until when (monotonic ms) the loop was last known to be late. */
  #lateUntil = Number.NEGATIVE_INFINITY;
  #lags = 0;

  constructor(
    readonly sender: Sender,
    readonly clock: Clock,
    readonly options: PolledOptions,
  ) {
    this.#wheel = new TimerWheel(clock, options.tickMs ?? 5, (entries, late) => this.#due(entries, late));
  }

  get name(): string {
    return this.sender.name;
  }
  get wakeUps(): number {
    return this.#wheel.wakeUps;
  }
  /** How often the event loop was found late. */
  get lags(): number {
    return this.#lags;
  }
  problem(): string | undefined {
    return this.sender.problem?.();
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.sender.start((target, sequence) => this.#answered(target, sequence), signal);
  }
  async stop(): Promise<void> {
    this.#wheel.stop();
    for (const target of this.#targets.values()) target.stopped = true;
    this.#targets.clear();
    await this.sender.stop();
  }

  watch(address: HostAddress, timing: ProbeTiming, listener: ResultListener): Watched {
    const id = this.#nextId++;
    const target: Target = {
      id,
      timing,
      listener,
      tick: -1,
      sequence: 0,
      sentAt: Number.NaN,
      packetsSent: 0,
      answeredAt: Number.NaN,
      judged: true,
      stopped: false,
    };
    this.#targets.set(id, target);
    this.sender.add(id, address);
    // spread over the interval: a thousand hosts are not probed in one burst
    this.#wheel.schedule(
      target,
      this.clock.monotonic() + (this.#spread++ % SPREAD) * (timing.interval / SPREAD),
    );
    return {
      stop: () => {
        if (target.stopped) return;
        target.stopped = true;
        if (!target.judged && Number.isNaN(target.answeredAt)) this.#awaited--;
        this.#wheel.drop(target);
        this.#targets.delete(id);
        this.sender.remove(id);
      },
    };
  }
  #spread = 0;

  #due(entries: (Target | Heartbeat)[], lateMs: number): void {
    const now = this.clock.monotonic();
    if (lateMs > this.options.maxLoopLag) {
      this.#lateUntil = now;
      this.#lags++;
    }
    for (const target of entries) {
      if (target instanceof Heartbeat) {
        if (this.#awaited > 0) this.#wheel.schedule(target, now + HEARTBEAT_MS);
        continue;
      }
      if (target.stopped) continue;
      if (target.judged) this.#send(target, now);
      else if (!Number.isNaN(target.answeredAt)) this.#conclude(target, now);
      else if (now - target.sentAt >= target.timing.timeout - 0.6) this.#suspects.push(target);
      else this.#sendAgain(target);
    }
    if (this.#suspects.length > 0 && !this.#judging) {
      this.#judging = true;
      void this.#judge();
    }
  }

  #send(target: Target, now: number): void {
    target.sequence = (target.sequence + 1) >>> 0;
    target.sentAt = now;
    target.packetsSent = 1;
    target.answeredAt = Number.NaN;
    target.judged = false;
    this.#awaited++;
    if (this.#heartbeat.tick < 0) this.#wheel.schedule(this.#heartbeat, now + HEARTBEAT_MS);
    this.sender.send(target.id, target.sequence);
    this.#scheduleNext(target);
  }
  #sendAgain(target: Target): void {
    target.packetsSent++;
    this.sender.send(target.id, target.sequence);
    this.#scheduleNext(target);
  }
  #scheduleNext(target: Target): void {
    const { timeout, packets } = target.timing;
    const share = target.packetsSent < packets ? (timeout * target.packetsSent) / packets : timeout;
    this.#wheel.schedule(target, target.sentAt + share);
  }

  #answered(id: number, sequence: number): void {
    const target = this.#targets.get(id);
    // late ones (already judged) and duplicates say nothing new
    if (!target || target.judged || target.sequence !== sequence || !Number.isNaN(target.answeredAt)) return;
    this.#awaited--;
    target.answeredAt = this.clock.monotonic();
    const { sentAt, answeredAt } = target;
    target.listener({ outcome: 'answered', at: answeredAt, sentAt, rttMs: answeredAt - sentAt });
  }

  /** Ends a probe that was answered. */
  #conclude(target: Target, now: number): void {
    target.judged = true;
    const next = target.sentAt + target.timing.interval;
    if (next <= now + 0.6) this.#send(target, now);
    else this.#wheel.schedule(target, next);
  }

  /** Reads what has arrived until nothing more comes, then judges who is still silent. */
  async #judge(): Promise<void> {
    const readSockets = this.options.readSockets ?? turn;
    let read = Number.POSITIVE_INFINITY;
    for (let turns = 0; turns < MAX_TURNS && read >= this.sender.readBatch; turns++) {
      const before = this.sender.heard;
      await readSockets();
      read = this.sender.heard - before;
    }
    const unread = read >= this.sender.readBatch;
    this.#judging = false;
    const now = this.clock.monotonic();
    for (const target of this.#suspects.splice(0)) {
      if (target.stopped) continue;
      if (!Number.isNaN(target.answeredAt)) {
        this.#conclude(target, now);
        continue;
      }
      const { sentAt } = target;
      const late = unread || this.#lateUntil >= sentAt;
      target.judged = true;
      this.#awaited--;
      target.listener({ outcome: late ? 'inconclusive' : 'missed', at: now, sentAt });
      if (target.stopped) continue;
      const next = sentAt + target.timing.interval;
      if (late || next <= now + 0.6) this.#send(target, now);
      else this.#wheel.schedule(target, next);
    }
  }
}

const SPREAD = 64;
/** Timers first, then sockets, then this: after one turn the loop has polled its sockets once. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
