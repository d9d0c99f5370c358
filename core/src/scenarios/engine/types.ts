import type { EventBus } from '../../bus/index.js';
import type { Clock } from '../../domain/clock.js';
import type { Logger } from '../../log/index.js';
import type { FaultProfile } from '../../profiler/index.js';
import type { RunInfo } from '../../plugin-api/tokens.js';
import type { RoleName, Roles } from '../../roles/index.js';
import type { TestOptions } from '../options.js';

export type Verdict = 'passed' | 'failed' | 'skipped';

/** One thing a scenario looked at, with what was found. */
export interface Check {
  name: string;
  verdict: 'passed' | 'failed';
  /** What was expected and what was seen, in a line. */
  detail: string;
}

/** Something a scenario made and could not take back. */
export interface Leftover {
  /** Names the thing so that a person finds it: `instance doctor-vm-0 (4f…)`. */
  resource: string;
  reason: string;
}

/** The running Doctor that a scenario works with: all its roles are started. */
export interface ScenarioDoctor {
  readonly run: RunInfo;
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventBus;
  /** Type of the plugin in each role there is, by the role's name. */
  readonly plugins: Readonly<Partial<Record<RoleName, string>>>;
  /** The effective configuration, by section. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Throws DoctorError when the role is not part of this Doctor. */
  role<Name extends RoleName>(name: Name): Roles[Name];
}

/** What a step gets. */
export interface StepContext<State> extends ScenarioDoctor {
  readonly options: TestOptions;
  /** What the steps share: each fills in what it made. */
  readonly state: State;
  /** Aborted on Ctrl-C, by the step's time-out, or (in `undo`) by the clean-up's time-out. */
  readonly signal: AbortSignal;
  /** Unique per run, for names of resources: `doctor-<id>`. */
  readonly prefix: string;
  /** Records a check; a failed one fails the scenario, the steps go on. */
  check(name: string, passed: boolean, detail: string): void;
  /** One line about how far the step is, shown beside it. */
  progress(detail: string): void;
  /** Tells that something could not be removed: the scenario goes on cleaning up and fails. */
  leftover(resource: string, reason: unknown): void;
}

/**
 * One step, as data: progress, report and clean-up come from one list.
 * `undo` runs in reverse order for every step whose `run` was begun, also after a failure and on Ctrl-C;
 * it must cope with a `run` that stopped half-way, and with being all that is left (`state` may lack what `run` did not reach).
 */
export interface Step<State> {
  /** Identifier, unique in its scenario: `boot-instances`. */
  name: string;
  /** For people: `Boot the instances on one host`. */
  title: string;
  /** Bound of `run` in ms; default `test.step_timeout`. */
  timeoutMs?: (options: TestOptions) => number;
  /** Absent: always. */
  when?: (ctx: StepContext<State>) => boolean;
  run(ctx: StepContext<State>): Promise<void>;
  undo?(ctx: StepContext<State>): Promise<void>;
}

/** A use case of Doctor, run from end to end against a cloud. */
export interface Scenario<State = unknown> {
  /** As in `doctor test <name>` and result.json. */
  name: string;
  title: string;
  /** Roles it needs; the host adds what these depend on. */
  roles: readonly RoleName[];
  /** Values of the configuration that make the scenario what it is, by `section.key`; what the user set goes before them. @param typeOf the type selected for a role */
  config?(typeOf: (role: RoleName) => string | undefined): Readonly<Record<string, unknown>>;
  /** A fresh, empty state. */
  state(): State;
  steps: readonly Step<State>[];
  /** Fields of its own in result.json (instances, notificationTimeMs, ...); called at the end, also after a failure. */
  result?(ctx: Omit<StepContext<State>, 'signal'>): Record<string, unknown>;
  /** The time line of its fault, for the profiler and the report. */
  profile?(ctx: Omit<StepContext<State>, 'signal'>): FaultProfile | undefined;
  /** Sections of its own in report.html: HTML that is safe as it is (escaped, no scripts, no addresses outside). */
  sections?(ctx: Omit<StepContext<State>, 'signal'>): ReportSection[];
}

// lists hold scenarios of any state; each is run with its own
// biome-ignore lint/suspicious/noExplicitAny: see above
export type AnyScenario = Scenario<any>;

/** A part of report.html made by the scenario itself (the maintenance Gantt). */
export interface ReportSection {
  title: string;
  html: string;
}

/** What a scenario leaves behind. */
export interface ScenarioOutcome {
  name: string;
  title: string;
  verdict: Verdict;
  reason: string | null;
  checks: Check[];
  leftovers: Leftover[];
  /** The scenario's own fields. */
  extra: Record<string, unknown>;
  profile: FaultProfile | undefined;
  sections: ReportSection[];
  steps: StepOutcome[];
  /** Milliseconds, clean-up included. */
  durationMs: number;
  /** Stopped by the signal (Ctrl-C). */
  interrupted: boolean;
}

export interface StepOutcome {
  name: string;
  title: string;
  state: 'done' | 'failed' | 'skipped' | 'not_reached';
  durationMs: number;
  detail: string;
}

/** Thrown by a step: the cloud lacks what the scenario needs; the verdict is `skipped`. */
export class ScenarioSkipped extends Error {
  override readonly name = 'ScenarioSkipped';
}
