import type { HostAddress } from '@nfv-doctor/core/plugin-api';

/** When one address is probed; ms. */
export interface ProbeTiming {
  interval: number;
  timeout: number;
  /** Sent within the time-out while no answer has come. */
  packets: number;
}

/** What became of one probe. `inconclusive`: nobody knows, because this process was late itself. */
export interface ProbeResult {
  outcome: 'answered' | 'missed' | 'inconclusive';
  /** Monotonic ms of the verdict about this probe. */
  at: number;
  /** When it was sent; monotonic ms. */
  sentAt: number;
  rttMs?: number;
}
export type ResultListener = (result: ProbeResult) => void;

/** One address under probe. */
export interface Watched {
  /** No result follows. */
  stop(): void;
}

/** A way to find out, again and again, whether addresses answer. */
export interface Probe {
  /** For the log and the evidence, e.g. `icmp (raw socket)`. */
  readonly name: string;
  /** Throws DoctorError when it cannot work here. */
  start(signal: AbortSignal): Promise<void>;
  /** Makes ready for these addresses before they are watched. Throws DoctorError when they cannot be probed here. */
  prepare?(addresses: readonly HostAddress[], signal: AbortSignal): Promise<void>;
  watch(address: HostAddress, timing: ProbeTiming, listener: ResultListener): Watched;
  stop(): Promise<void>;
  /** What is wrong; undefined when nothing is. */
  problem?(): string | undefined;
}
