import { randomUUID } from 'node:crypto';
import {
  type Clock,
  DoctorError,
  type FaultEvent,
  type FaultReporter,
  type Logger,
} from '@nfv-doctor/core/plugin-api';

export interface Verdict {
  hostname: string;
  status: 'down' | 'up';
  /** Wall-clock ms of the verdict. */
  at: number;
  cause: string;
}

interface Line {
  sending: boolean;
  forgotten: AbortController;
  waiting: Verdict | undefined;
}

/** Hands verdicts to the inspector, those of one host in order. A verdict that waits is replaced by a newer one. */
export class Reports {
  readonly #lines = new Map<string, Line>();
  readonly #stop = new AbortController();
  readonly #sending = new Set<Promise<void>>();
  /** Why the latest report did not get through; undefined when it did. */
  problem: string | undefined;

  /** @param reported called when the inspector has taken it */
  constructor(
    readonly deps: { reporter: FaultReporter; clock: Clock; log: Logger },
    readonly reported: (verdict: Verdict) => void,
  ) {}

  add(verdict: Verdict): void {
    const line = this.#lines.get(verdict.hostname) ?? {
      sending: false,
      forgotten: new AbortController(),
      waiting: undefined,
    };
    this.#lines.set(verdict.hostname, line);
    if (line.sending) {
      line.waiting = verdict;
      return;
    }
    const work = this.#send(line, verdict).finally(() => this.#sending.delete(work));
    this.#sending.add(work);
  }
  /** No report about the host follows. */
  forget(hostname: string): void {
    const line = this.#lines.get(hostname);
    if (line) {
      line.waiting = undefined;
      line.forgotten.abort(new DoctorError('ABORTED', `${hostname} is not watched any more`));
    }
    this.#lines.delete(hostname);
  }
  async stop(): Promise<void> {
    this.#stop.abort(new DoctorError('ABORTED', 'the monitor stops'));
    await Promise.all(this.#sending);
  }

  async #send(line: Line, first: Verdict): Promise<void> {
    line.sending = true;
    const signal = AbortSignal.any([this.#stop.signal, line.forgotten.signal]);
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    aborted.catch(() => {});
    for (let verdict: Verdict | undefined = first; verdict; verdict = line.waiting) {
      line.waiting = undefined;
      try {
        await Promise.race([this.deps.reporter.report(eventOf(verdict), signal), aborted]);
        this.problem = undefined;
        this.reported(verdict);
      } catch (error) {
        if (signal.aborted) return;
        const { message } = DoctorError.from(error);
        this.problem = `${verdict.hostname} ${verdict.status} was not taken: ${message}`;
        this.deps.log.error(
          { event: 'monitor.report_failed', hostname: verdict.hostname, err: error },
          this.problem,
        );
      }
    }
    line.sending = false;
  }
}

function eventOf({ hostname, status, at, cause }: Verdict): FaultEvent {
  return {
    time: new Date(at).toISOString(),
    type: `compute.host.${status}`,
    details: {
      hostname,
      status,
      monitor: 'sample',
      monitor_event_id: randomUUID(),
      severity: 'critical',
      cause: cause.slice(0, 4096),
    },
  };
}
