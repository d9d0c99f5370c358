import { execFile } from 'node:child_process';
import { type Clock, DoctorError, type HostAddress, type TimerHandle } from '@nfv-doctor/core/plugin-api';
import type { Probe, ProbeTiming, ResultListener, Watched } from './probe.js';
import { LineProcess } from './process-lines.js';

/** What a line of a ping program tells. */
export interface PingLine {
  address: string;
  answered: boolean;
  rttMs?: number;
}
/** A ping program of the system that runs on and on. */
export interface PingProgram {
  readonly command: string;
  /** Shows that it is there. */
  readonly versionArgs: readonly string[];
  /** How many addresses one process takes. */
  readonly perProcess: number;
  args(addresses: readonly string[], timing: ProbeTiming): string[];
  /** undefined: the line tells nothing about an address. `only` is the address when the process has one. */
  parse(line: string, only: string): PingLine | undefined;
}

interface Target {
  address: string;
  listeners: Set<ResultListener>;
}
interface Group {
  timing: ProbeTiming;
  targets: Map<string, Target>;
  processes: LineProcess[];
  timer: TimerHandle | undefined;
  restarts: number;
}

/** After changes of the addresses, or the end of a process, a new process is started this much later. */
const RESTART_MS = 50;
const MAX_RESTART_MS = 5_000;

/** ICMP through the system's fping or ping, which may do what this process may not. One process for many addresses where it can. */
export class SystemPingProbe implements Probe {
  readonly #groups = new Map<string, Group>();
  #problem: string | undefined;
  #stopped = false;

  constructor(
    readonly program: PingProgram,
    readonly clock: Clock,
  ) {}

  get name(): string {
    return `icmp (${this.program.command})`;
  }
  problem(): string | undefined {
    return this.#problem;
  }

  /** Throws DoctorError PLUGIN_START when the program is not there. */
  async start(signal: AbortSignal): Promise<void> {
    const { command, versionArgs } = this.program;
    await new Promise<void>((resolve, reject) => {
      execFile(command, versionArgs, { signal, timeout: 5_000 }, (error) => {
        if (!error) return resolve();
        reject(
          new DoctorError('PLUGIN_START', `${command} cannot be run: ${error.message.split('\n')[0]}`, {
            cause: error,
          }),
        );
      });
    });
  }

  watch({ address }: HostAddress, timing: ProbeTiming, listener: ResultListener): Watched {
    const group = this.#group(timing);
    let target = group.targets.get(address);
    if (!target) {
      target = { address, listeners: new Set() };
      group.targets.set(address, target);
      this.#restartSoon(group);
    }
    target.listeners.add(listener);
    return {
      stop: () => {
        target.listeners.delete(listener);
        if (target.listeners.size > 0 || group.targets.get(address) !== target) return;
        group.targets.delete(address);
        this.#restartSoon(group);
      },
    };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const group of this.#groups.values()) group.timer?.cancel();
    await Promise.all(
      [...this.#groups.values()].flatMap(({ processes }) => processes.map((each) => each.stop())),
    );
    this.#groups.clear();
  }

  #group(timing: ProbeTiming): Group {
    const key = `${timing.interval}/${timing.timeout}`;
    let group = this.#groups.get(key);
    if (!group) {
      group = { timing, targets: new Map(), processes: [], timer: undefined, restarts: 0 };
      this.#groups.set(key, group);
    }
    return group;
  }

  #restartSoon(group: Group, ms = RESTART_MS): void {
    group.timer?.cancel();
    group.timer = this.clock.setTimeout(() => void this.#restart(group), ms);
  }

  async #restart(group: Group): Promise<void> {
    const old = group.processes.splice(0);
    await Promise.all(old.map((each) => each.stop()));
    if (this.#stopped) return;
    const { program } = this;
    const addresses = [...group.targets.keys()];
    for (let from = 0; from < addresses.length; from += program.perProcess) {
      const some = addresses.slice(from, from + program.perProcess);
      group.processes.push(
        new LineProcess(
          program.command,
          program.args(some, group.timing),
          (line) => this.#line(group, line, some[0]!),
          (why) => this.#ended(group, why),
        ),
      );
    }
  }

  #line(group: Group, text: string, only: string): void {
    const line = this.program.parse(text, only);
    const target = line && group.targets.get(line.address);
    if (!line || !target) return;
    this.#problem = undefined;
    group.restarts = 0;
    const at = this.clock.monotonic();
    const sentAt = at - (line.answered ? (line.rttMs ?? 0) : group.timing.timeout);
    for (const listener of target.listeners)
      listener({
        outcome: line.answered ? 'answered' : 'missed',
        at,
        sentAt,
        ...(line.rttMs === undefined ? {} : { rttMs: line.rttMs }),
      });
  }

  #ended(group: Group, why: string): void {
    if (this.#stopped) return;
    this.#problem = `${this.program.command} ended: ${why}`;
    this.#restartSoon(group, Math.min(RESTART_MS * 2 ** group.restarts++, MAX_RESTART_MS));
  }
}

/** `fping -l`: one line for each answer and each time-out. */
export const fping: PingProgram = {
  command: 'fping',
  versionArgs: ['-v'],
  // one packet a millisecond: more addresses would not fit in an interval of 100 ms
  perProcess: 50,
  args: (addresses, { interval, timeout }) => [
    '-l',
    '-i1',
    `-p${Math.max(10, Math.round(interval))}`,
    `-t${Math.max(1, Math.round(timeout))}`,
    ...addresses,
  ],
  parse(line) {
    const match = /^(\S+)\s*: \[\d+\], (?:(timed out)|\d+ bytes, ([\d.]+) ms)/.exec(line);
    if (!match) return undefined;
    return match[2]
      ? { address: match[1]!, answered: false }
      : { address: match[1]!, answered: true, rttMs: Number(match[3]) };
  },
};

/** `ping -O`: tells of a packet that was not answered when the next one leaves, so its time-out is its interval. */
export const ping: PingProgram = {
  command: 'ping',
  versionArgs: ['-V'],
  perProcess: 1,
  args: ([address], { interval }) => ['-n', '-O', '-i', String(Math.max(2, interval) / 1000), address!],
  parse(line, only) {
    if (line.startsWith('no answer yet for icmp_seq=')) return { address: only, answered: false };
    const match = /^\d+ bytes from ([^:\s]+|[\da-f:.%\w]+): icmp_seq=\d+ .*time=([\d.]+) ms/.exec(line);
    if (!match || line.includes('(DUP!)')) return undefined;
    return { address: only, answered: true, rttMs: Number(match[2]) };
  },
};
