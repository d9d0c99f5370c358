import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createDoctor,
  type Doctor,
  ReportFolder,
  type Result,
  type RunOutcome,
  resultOf,
  runScenarios,
} from '@nfv-doctor/core';
import type { ExecutionContext } from 'ava';
import { mustLeaveNothing, ROOT, STATE_DIR } from './bed.js';

export interface CloudRunOptions {
  /** Default: fault_management. */
  names?: readonly string[];
  /** By `section.key`, over config/openstack.yaml. */
  set?: Readonly<Record<string, unknown>>;
  signal?: AbortSignal;
  /** What is done to the test bed before; what it gives is called after the run. */
  prepare?: () => Promise<() => Promise<void>>;
  /** Called with each Doctor before it starts. */
  watch?: (doctor: Doctor) => void;
  /** Called when a step of the scenario is done; what it throws fails the test when the run is over. */
  afterStep?: (step: string, doctor: Doctor) => Promise<void> | void;
}

export interface CloudRun extends RunOutcome {
  result: Result;
  scenario: Result['scenarios'][number];
}

const LINK = join(ROOT, 'test/openstack/link');

/** What config/openstack.yaml has relative to the checkout, for a process that runs elsewhere. */
export const PLACES: Readonly<Record<string, unknown>> = {
  'cloud.cloud': 'doctor',
  'installer.hosts_file': join(STATE_DIR, 'hosts.json'),
  'installer.cut_command': `'${LINK}' "$DOCTOR_HOST" down`,
  'installer.restore_command': `'${LINK}' "$DOCTOR_HOST" up`,
};

/** What `runScenarios` opens for a scenario: config/openstack.yaml with `set` over it. */
export const openFor =
  (
    folder: ReportFolder,
    set: Readonly<Record<string, unknown>>,
  ): Parameters<typeof runScenarios>[0]['open'] =>
  (roles, scenario) =>
    createDoctor({
      roles,
      configFile: join(ROOT, 'config/openstack.yaml'),
      overrides: {
        ...PLACES,
        // more would slow down the two cores that are measured
        'test.poll_interval': '500 ms',
        'log.level': 'warn',
        'log.file': folder.file('doctor.log'),
        ...scenario.config?.(() => undefined),
        ...set,
      },
    });

/** Runs a scenario on the test bed as config/openstack.yaml says; the cloud has to be as before at the end. */
export async function runOnCloud(
  t: ExecutionContext,
  { names = ['fault_management'], set = {}, signal, prepare, watch, afterStep }: CloudRunOptions = {},
): Promise<CloudRun> {
  const leftNothing = await mustLeaveNothing(t);
  const root = mkdtempSync(join(tmpdir(), 'doctor-openstack-'));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  const folder = new ReportFolder(root, 'run');
  const running: Promise<void>[] = [];
  const putBack = await prepare?.();
  const whole = runScenarios({
    names,
    folder,
    version: '0.0.0',
    signal: signal ?? new AbortController().signal,
    open: openFor(folder, set),
    watch(doctor) {
      watch?.(doctor);
      if (afterStep)
        doctor.events.on('scenario.step', ({ step, state }) => {
          if (state === 'done') running.push(Promise.resolve().then(() => afterStep(step, doctor)));
        });
    },
  });
  const [ended] = await Promise.allSettled([whole]);
  await Promise.allSettled(running);
  await putBack?.();
  if (ended.status === 'rejected') throw ended.reason;
  const outcome = ended.value;
  const settled = await Promise.allSettled(running);
  for (const each of settled) if (each.status === 'rejected') throw each.reason;
  const result = resultOf(outcome.report);
  const [scenario] = result.scenarios;
  if (!scenario) throw new Error('no scenario was run');
  t.log(
    `${scenario.name}: ${scenario.verdict}, ${Math.round(outcome.report.durationMs / 1000)} s${
      scenario.notificationTimeMs === undefined ? '' : `, notification ${scenario.notificationTimeMs} ms`
    }${scenario.reason === null ? '' : `: ${scenario.reason}`}`,
  );
  for (const { name, verdict, detail } of scenario.checks)
    if (verdict === 'failed') t.log(`failed: ${name}: ${detail}`);
  const slow = outcome.report.outcomes
    .flatMap(({ steps }) => steps)
    .filter(({ durationMs }) => durationMs > 5_000);
  t.log(slow.map(({ name, durationMs }) => `${name} ${Math.round(durationMs / 1000)} s`).join(', '));
  await leftNothing();
  return { ...outcome, result, scenario };
}

/** Every check passed, with those named among them. */
export function passed(t: ExecutionContext, { scenario }: CloudRun, ...checks: readonly string[]): void {
  t.is(scenario.reason, null);
  t.is(scenario.verdict, 'passed');
  const seen = scenario.checks.filter(({ verdict }) => verdict === 'passed').map(({ name }) => name);
  for (const check of checks) t.true(seen.includes(check), `no check "${check}" among: ${seen.join(', ')}`);
}
