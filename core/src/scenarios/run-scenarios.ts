import type { RecordedEvent } from '../bus/index.js';
import { describeConfig } from '../config/index.js';
import { DoctorError } from '../errors/index.js';
import type { Doctor } from '../host/doctor.js';
import { EventLog, type Report, type ReportFolder, writeReport } from '../report/index.js';
import type { RoleName } from '../roles/index.js';
import { type AnyScenario, type ScenarioDoctor, type ScenarioOutcome, runScenario } from './engine/index.js';
import type { TestOptions } from './options.js';
import { findScenario } from './registry.js';

export interface RunScenariosOptions {
  /** Scenarios to run, in order. */
  names: readonly string[];
  /** Creates a Doctor with these roles; called once per scenario, so that each begins with a fresh one. */
  open(roles: readonly RoleName[], scenario: AnyScenario): Promise<Doctor>;
  /** Where the report goes; made before anything is begun. */
  folder: ReportFolder;
  /** Aborted on Ctrl-C. */
  signal: AbortSignal;
  /** Version of Doctor, for the report. */
  version: string;
  /** Called with each Doctor before it starts, and the scenario it is for: to show progress. */
  watch?(doctor: Doctor, scenario: AnyScenario): void;
  /** Called with the outcome of each scenario. */
  finished?(outcome: ScenarioOutcome): void;
}

export interface RunOutcome {
  report: Report;
  /** Stopped by the signal before it was through. */
  interrupted: boolean;
}

/** So many events are kept for report.html; events.jsonl has all. */
const EVENTS_IN_REPORT = 2_000;

/**
 * Runs the scenarios one after the other and writes the report.
 * @throws DoctorError for what is wrong before anything is done: unknown scenario, configuration, a role that does not start
 */
export async function runScenarios(options: RunScenariosOptions): Promise<RunOutcome> {
  const scenarios = options.names.map(findScenario);
  return new Run(options, scenarios).run();
}

class Run {
  readonly #startedAt = new Date();
  readonly #started = performance.now();
  readonly #outcomes: ScenarioOutcome[] = [];
  readonly #results: Report['results'] = [];
  readonly #events: Report['events'] = [];
  readonly #log: EventLog;
  #settings: Report['settings'] = [];
  #cloud: Report['cloud'] = 'openstack';
  #limits: Report['limits'] = {};

  constructor(
    readonly options: RunScenariosOptions,
    readonly scenarios: readonly AnyScenario[],
  ) {
    this.#log = new EventLog(options.folder.file('events.jsonl'));
  }

  async run(): Promise<RunOutcome> {
    const { signal } = this.options;
    try {
      for (const scenario of this.scenarios) {
        if (signal.aborted) break;
        await this.#scenario(scenario);
      }
    } catch (error) {
      // the scenarios before this one are worth their report
      try {
        if (this.#outcomes.length > 0) this.#write();
      } catch {
        // why it was worth writing now is told, not this
      }
      throw error;
    } finally {
      this.#log.close();
    }
    return { report: this.#write(), interrupted: signal.aborted };
  }

  async #scenario(scenario: AnyScenario): Promise<void> {
    const { options } = this;
    const doctor = await options.open(scenario.roles, scenario);
    let outcome: ScenarioOutcome;
    const stopRecording = this.#record(doctor, scenario);
    try {
      options.watch?.(doctor, scenario);
      await doctor.start(options.signal);
      outcome = await runScenario(scenario, scenarioDoctor(doctor), {
        options: doctor.config.section<TestOptions>('test'),
        signal: options.signal,
      });
    } catch (error) {
      await doctor.stop().catch(() => {}); // why it did not start is told; start has stopped what it began
      throw error;
    }
    await doctor.stop().catch((error: unknown) => notTakenBack(outcome, error));
    stopRecording();
    this.#outcomes.push(outcome);
    this.#results.push(resultOf(outcome, doctor));
    options.finished?.(outcome);
  }

  #record(doctor: Doctor, scenario: AnyScenario): () => void {
    this.#settings = describeConfig(doctor.config);
    this.#cloud = doctor.plugins.installer === 'embedded' ? 'embedded' : 'openstack';
    this.#limits = { notificationMs: doctor.config.section<TestOptions>('test').notification_limit };
    const stopLog = this.#log.attach(doctor.events, { scenario: scenario.name });
    const stopList = doctor.events.onAny((event: RecordedEvent) => {
      if (this.#events.length < EVENTS_IN_REPORT) this.#events.push({ scenario: scenario.name, ...event });
    });
    return () => {
      stopLog();
      stopList();
    };
  }

  /** @throws DoctorError FILE_UNWRITABLE, with the verdict that could not be written */
  #writeFiles(report: Report): void {
    const { folder } = this.options;
    try {
      writeReport(folder, report);
      if (this.#log.failure) throw this.#log.failure;
    } catch (error) {
      const { code = String(error) } = error as NodeJS.ErrnoException;
      const verdicts = report.outcomes.map(({ name, verdict }) => `${name} ${verdict}`).join(', ');
      throw new DoctorError(
        'FILE_UNWRITABLE',
        `the report in ${folder.path} could not be written (${code}); the run was cleaned up: ${verdicts}`,
        { cause: error },
      );
    }
  }

  #write(): Report {
    const report: Report = {
      runId: this.options.folder.runId,
      startedAt: this.#startedAt.toISOString(),
      durationMs: Math.round(performance.now() - this.#started),
      complete: this.#outcomes.length === this.scenarios.length,
      versions: { doctor: this.options.version, node: process.versions.node },
      cloud: this.#cloud,
      outcomes: this.#outcomes,
      results: this.#results,
      settings: this.#settings,
      limits: this.#limits,
      events: this.#events,
    };
    this.#writeFiles(report);
    return report;
  }
}

function scenarioDoctor(doctor: Doctor): ScenarioDoctor {
  const { run, clock, log, events } = doctor;
  return {
    run,
    clock,
    log,
    events,
    plugins: doctor.plugins,
    config: doctor.config.values,
    role: (name) => doctor.role(name),
  };
}

const camelCase = (name: string) => name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());

function resultOf(outcome: ScenarioOutcome, doctor: Doctor): Report['results'][number] {
  const plugins = Object.entries(doctor.plugins).map(([role, type]) => [camelCase(role), type]);
  return {
    name: outcome.name,
    verdict: outcome.verdict,
    reason: outcome.reason,
    plugins: Object.fromEntries(plugins) as Record<string, string>,
    ...outcome.extra,
    checks: outcome.checks,
  };
}

/** What Doctor itself could not take back fails the scenario, too. */
function notTakenBack(outcome: ScenarioOutcome, error: unknown): void {
  const message = DoctorError.from(error).message;
  outcome.leftovers.push({ resource: 'what the components set up', reason: message });
  outcome.verdict = 'failed';
  outcome.reason = [outcome.reason, `stopping failed: ${message}`].filter(Boolean).join('; ');
}
