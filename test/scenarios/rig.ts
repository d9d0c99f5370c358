import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createDoctor,
  type Doctor,
  type Plugin,
  ReportFolder,
  type Result,
  type RunOutcome,
  resultOf,
  runScenarios,
} from '@nfv-doctor/core';
import embedded from '@nfv-doctor/plugin-embedded';
import openstack from '@nfv-doctor/plugin-openstack';
import sample from '@nfv-doctor/plugin-sample';
import type { ExecutionContext } from 'ava';

export interface ScenarioRunOptions {
  names?: readonly string[];
  /** Configuration by section, over the short times of the tests. */
  config?: Record<string, Record<string, unknown>>;
  /** Beside those of the embedded cloud and the sample. */
  plugins?: readonly Plugin[];
  signal?: AbortSignal;
  /** Called with each Doctor before it starts. */
  watch?: (doctor: Doctor) => void;
  /** Called when the scenario has cleaned up, before its Doctor (and the cloud with it) stops. */
  beforeStop?: (doctor: Doctor) => Promise<void>;
}

export interface ScenarioRun extends RunOutcome {
  result: Result;
  /** The folder of the report. */
  folder: string;
}

const SHORT: Record<string, Record<string, unknown>> = {
  log: { level: 'silent' },
  test: {
    outage: '1500ms',
    poll_interval: '20ms',
    detection_timeout: '10s',
    notification_timeout: '10s',
    recovery_timeout: '10s',
    boot_timeout: '20s',
  },
  consumer: { poll_interval: '20ms' },
  monitor: { probe: 'udp' },
};

/** Runs scenarios on the embedded cloud, in this process, with a report in a temporary folder. */
export async function runOnEmbeddedCloud(
  t: ExecutionContext,
  {
    names = ['fault_management'],
    config = {},
    plugins = [],
    signal,
    watch,
    beforeStop,
  }: ScenarioRunOptions = {},
): Promise<ScenarioRun> {
  const root = mkdtempSync(join(tmpdir(), 'doctor-scenario-'));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  const folder = new ReportFolder(root, 'run-1');
  const sections = new Set([...Object.keys(SHORT), ...Object.keys(config)]);
  const merged = Object.fromEntries(
    Array.from(sections, (section) => [section, { ...SHORT[section], ...config[section] }]),
  );
  const outcome = await runScenarios({
    names,
    folder,
    version: '0.0.0',
    signal: signal ?? new AbortController().signal,
    open: async (roles) => {
      const doctor = await createDoctor({
        roles,
        runId: 'run-1',
        discover: false,
        env: {},
        plugins: [embedded, openstack, sample, ...plugins],
        config: merged,
      });
      return beforeStop ? lookedAt(doctor, beforeStop) : doctor;
    },
    ...(watch ? { watch } : {}),
  });
  return { ...outcome, result: resultOf(outcome.report), folder: folder.path };
}

/** The same Doctor, looked at before it stops. */
const lookedAt = (doctor: Doctor, look: (doctor: Doctor) => Promise<void>): Doctor => ({
  ...doctor,
  stop: async () => {
    await look(doctor);
    await doctor.stop();
  },
});
