import type { ProbeResult } from './probes/probe.js';

/** When a host is down, and when it is up again. */
export interface HostPolicy {
  misses: number;
  upAfter: number;
  /** `all`, `any`, a number, or names of planes. */
  planes: PlaneRule;
  flapChanges: number;
  flapWindow: number;
  flapHold: number;
  /** Results kept per plane. */
  evidence: number;
}
export type PlaneRule = 'all' | 'any' | number | readonly string[];

export function describeRule(rule: PlaneRule): string {
  if (rule === 'all') return 'all planes';
  if (rule === 'any') return 'any plane';
  return typeof rule === 'number' ? `${rule} planes` : `planes ${rule.join(', ')}`;
}

/** One address of a host, as the probes saw it. */
export class PlaneState {
  /** Missed in a row. */
  misses = 0;
  /** Answered in a row. */
  answers = 0;
  silent = false;
  seen = false;
  lastAnswerAt = Number.NaN;
  readonly #latest: ProbeResult[] = [];

  constructor(
    readonly plane: string,
    readonly address: string,
  ) {}

  take(result: ProbeResult, policy: HostPolicy): void {
    this.#latest.push(result);
    if (this.#latest.length > policy.evidence) this.#latest.shift();
    if (result.outcome === 'inconclusive') return;
    if (result.outcome === 'answered') {
      this.misses = 0;
      this.answers++;
      this.seen = true;
      this.lastAnswerAt = result.at;
      if (this.answers >= policy.upAfter) this.silent = false;
      return;
    }
    this.answers = 0;
    this.misses++;
    if (this.misses >= policy.misses) this.silent = true;
  }

  /** What was seen of it, the latest last. */
  evidence(): Record<string, unknown> {
    return {
      plane: this.plane,
      address: this.address,
      missesInARow: this.misses,
      lastAnswerAt: Number.isNaN(this.lastAnswerAt) ? null : this.lastAnswerAt,
      latest: this.#latest.map(({ outcome, at, sentAt, rttMs }) => ({
        outcome,
        at,
        sentAt,
        ...(rttMs === undefined ? {} : { rttMs: Math.round(rttMs * 1000) / 1000 }),
      })),
    };
  }
}

export type HostView = 'unseen' | 'up' | 'down';

/** The state of one host, from what the probes of its addresses found. Pure: time comes with the results. */
export class HostState {
  view: HostView;
  readonly #changes: number[] = [];
  #lastMissAt = Number.NEGATIVE_INFINITY;

  /** @param knownDown an earlier process reported it down and not yet up */
  constructor(
    readonly planes: readonly PlaneState[],
    readonly policy: HostPolicy,
    readonly reportUnseen: boolean,
    knownDown = false,
  ) {
    this.view = knownDown ? 'down' : 'unseen';
  }

  /** Takes a result of a plane. @returns the verdict when it changes */
  take(plane: PlaneState, result: ProbeResult): 'down' | 'up' | 'seen' | undefined {
    plane.take(result, this.policy);
    if (result.outcome === 'missed') this.#lastMissAt = result.at;
    return this.reconsider(result.at);
  }

  /** The verdict as of now; also when nothing new was seen. */
  reconsider(at: number): 'down' | 'up' | 'seen' | undefined {
    const silent = this.isSilent();
    if (this.view !== 'down') {
      if (silent && (this.view === 'up' || this.reportUnseen)) return this.#change('down', at);
      if (this.view === 'unseen' && this.planes.some(({ seen }) => seen) && !silent) {
        this.view = 'up';
        return 'seen';
      }
      return undefined;
    }
    if (silent || !this.#answersAgain()) return undefined;
    if (this.isFlapping(at) && at - this.#lastMissAt < this.policy.flapHold) return undefined;
    return this.#change('up', at);
  }

  /** Whether so many addresses are silent that the rule calls it down. */
  isSilent(): boolean {
    const { planes: rule } = this.policy;
    const silent = this.planes.filter((plane) => plane.silent);
    if (rule === 'all') return silent.length === this.planes.length;
    if (rule === 'any') return silent.length > 0;
    if (typeof rule === 'number') return silent.length >= Math.min(rule, this.planes.length);
    const named = this.planes.filter(({ plane }) => rule.includes(plane));
    // a host without any of the named planes is judged by those it has
    return (named.length > 0 ? named : this.planes).every((plane) => plane.silent);
  }

  isFlapping(at: number): boolean {
    const { flapChanges, flapWindow } = this.policy;
    return (
      flapChanges > 0 && this.#changes.filter((change) => at - change <= flapWindow).length >= flapChanges
    );
  }

  /** Something answered since; nothing answers for a host that was known to be down when its watch began. */
  #answersAgain(): boolean {
    return this.planes.some(({ answers }) => answers >= this.policy.upAfter);
  }

  #change(view: 'down' | 'up', at: number): 'down' | 'up' {
    this.view = view;
    this.#changes.push(at);
    if (this.#changes.length > Math.max(1, this.policy.flapChanges)) this.#changes.shift();
    return view;
  }

  evidence(): Record<string, unknown> {
    return { planes: this.planes.map((plane) => plane.evidence()) };
  }
}
