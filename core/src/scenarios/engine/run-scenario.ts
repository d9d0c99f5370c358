import { DoctorError } from '../../errors/index.js';
import type { TestOptions } from '../options.js';
import { bounded } from './bounded.js';
import {
  type Check,
  type Leftover,
  type Scenario,
  type ScenarioDoctor,
  type ScenarioOutcome,
  ScenarioSkipped,
  type Step,
  type StepContext,
  type StepOutcome,
} from './types.js';

export interface RunScenarioOptions {
  options: TestOptions;
  /** Aborted on Ctrl-C: the step under way is given up, everything is undone. */
  signal: AbortSignal;
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Short, and unique per run and scenario: `doctor-20261123t183000-3f2a-fm`. */
const prefixOf = (runId: string, scenario: string) =>
  `doctor-${runId}-${Array.from(scenario.matchAll(/(?:^|_)(.)/g), ([, letter]) => letter).join('')}`.toLowerCase();

/**
 * Runs the steps in order and undoes them in reverse, whatever happened. Never throws for a scenario's failure:
 * the outcome says it.
 */
export async function runScenario<State>(
  scenario: Scenario<State>,
  doctor: ScenarioDoctor,
  { options, signal }: RunScenarioOptions,
): Promise<ScenarioOutcome> {
  return new ScenarioRun(scenario, doctor, options, signal).run();
}

class ScenarioRun<State> {
  readonly #checks: Check[] = [];
  readonly #leftovers: Leftover[] = [];
  readonly #steps: StepOutcome[];
  readonly #state: State;
  #failure: { step: Step<State>; error: unknown } | undefined;

  constructor(
    readonly scenario: Scenario<State>,
    readonly doctor: ScenarioDoctor,
    readonly options: TestOptions,
    readonly signal: AbortSignal,
  ) {
    this.#state = scenario.state();
    this.#steps = scenario.steps.map(({ name, title }) => ({
      name,
      title,
      state: 'not_reached',
      durationMs: 0,
      detail: '',
    }));
  }

  async run(): Promise<ScenarioOutcome> {
    const { scenario, doctor } = this;
    const startedAt = doctor.clock.monotonic();
    doctor.events.emit('scenario.started', { scenario: scenario.name });
    const begun = await this.#runSteps();
    for (const step of begun.toReversed()) await this.#undo(step);
    const { verdict, reason } = this.#verdict();
    doctor.events.emit('scenario.finished', {
      scenario: scenario.name,
      verdict,
      ...(reason === null ? {} : { reason }),
    });
    const ctx = this.#context('finish', new AbortController().signal);
    return {
      name: scenario.name,
      title: scenario.title,
      verdict,
      reason,
      checks: this.#checks,
      leftovers: this.#leftovers,
      extra: scenario.result?.(ctx) ?? {},
      profile: scenario.profile?.(ctx),
      sections: scenario.sections?.(ctx) ?? [],
      steps: this.#steps,
      durationMs: doctor.clock.monotonic() - startedAt,
      interrupted: this.signal.aborted,
    };
  }

  /** @returns the steps that were begun, in order */
  async #runSteps(): Promise<Step<State>[]> {
    const begun: Step<State>[] = [];
    for (const [index, step] of this.scenario.steps.entries()) {
      const outcome = this.#steps[index] as StepOutcome;
      if (this.signal.aborted) {
        this.#failure ??= { step, error: this.signal.reason };
        break;
      }
      const ctx = this.#context(step.name, this.signal);
      if (step.when && !step.when(ctx)) {
        outcome.state = 'skipped';
        this.#tell(step, 'skipped');
        continue;
      }
      begun.push(step);
      if (!(await this.#runStep(step, outcome))) break;
    }
    return begun;
  }

  async #runStep(step: Step<State>, outcome: StepOutcome): Promise<boolean> {
    const { clock } = this.doctor;
    const startedAt = clock.monotonic();
    this.#tell(step, 'started');
    try {
      await bounded(
        clock,
        {
          what: `step "${step.title}"`,
          timeoutMs: step.timeoutMs?.(this.options) ?? this.options.step_timeout,
          signal: this.signal,
        },
        (signal) => step.run(this.#context(step.name, signal, (detail) => (outcome.detail = detail))),
      );
      outcome.state = 'done';
      outcome.durationMs = clock.monotonic() - startedAt;
      this.#tell(step, 'done', outcome.detail);
      return true;
    } catch (error) {
      this.#failure = { step, error };
      outcome.state = 'failed';
      outcome.durationMs = clock.monotonic() - startedAt;
      outcome.detail = messageOf(error);
      this.#tell(step, error instanceof ScenarioSkipped ? 'skipped' : 'failed', outcome.detail);
      return false;
    }
  }

  async #undo(step: Step<State>): Promise<void> {
    const { undo } = step;
    if (!undo) return;
    const before = this.#leftovers.length;
    try {
      await bounded(
        this.doctor.clock,
        { what: `clean-up of "${step.title}"`, timeoutMs: this.options.cleanup_timeout },
        (signal) => undo.call(step, this.#context(step.name, signal)),
      );
    } catch (error) {
      this.#leftovers.push({ resource: `what "${step.title}" made`, reason: messageOf(error) });
    }
    const left = this.#leftovers.slice(before);
    this.#tell(
      step,
      left.length === 0 ? 'undone' : 'failed',
      left.map(({ resource, reason }) => `could not remove ${resource}: ${reason}`).join('; '),
    );
  }

  #verdict(): Pick<ScenarioOutcome, 'verdict' | 'reason'> {
    const failed = this.#checks.filter((check) => check.verdict === 'failed');
    const left = this.#leftovers.map(({ resource }) => resource).join(', ');
    const reasons: string[] = [];
    if (this.signal.aborted) reasons.push('interrupted');
    else if (this.#failure && !(this.#failure.error instanceof ScenarioSkipped))
      reasons.push(`${this.#failure.step.title}: ${messageOf(this.#failure.error)}`);
    if (failed.length > 0)
      reasons.push(
        `${failed.length === 1 ? 'check' : 'checks'} failed: ${failed.map(({ name }) => name).join(', ')}`,
      );
    if (left) reasons.push(`could not be removed: ${left}`);
    if (reasons.length > 0) return { verdict: 'failed', reason: reasons.join('; ') };
    return this.#failure
      ? { verdict: 'skipped', reason: messageOf(this.#failure.error) }
      : { verdict: 'passed', reason: null };
  }

  #tell(step: Step<State>, state: 'started' | 'done' | 'failed' | 'undone' | 'skipped', detail = ''): void {
    this.doctor.events.emit('scenario.step', {
      scenario: this.scenario.name,
      step: step.name,
      state,
      ...(detail ? { detail } : {}),
    });
  }

  #context(step: string, signal: AbortSignal, onProgress?: (detail: string) => void): StepContext<State> {
    const { doctor, options, scenario } = this;
    return {
      run: doctor.run,
      clock: doctor.clock,
      log: doctor.log,
      events: doctor.events,
      plugins: doctor.plugins,
      config: doctor.config,
      role: (name) => doctor.role(name),
      options,
      state: this.#state,
      signal,
      prefix: prefixOf(doctor.run.runId, scenario.name),
      check: (name, passed, detail) => {
        const verdict = passed ? 'passed' : 'failed';
        this.#checks.push({ name, verdict, detail });
        doctor.events.emit('scenario.check', { scenario: scenario.name, check: name, verdict, detail });
      },
      progress: (detail) => {
        onProgress?.(detail);
        doctor.events.emit('scenario.step', { scenario: scenario.name, step, state: 'started', detail });
      },
      leftover: (resource, reason) => {
        if (!(reason instanceof DoctorError && reason.code === 'CLOUD_NOT_FOUND'))
          this.#leftovers.push({ resource, reason: messageOf(reason) });
      },
    };
  }
}
