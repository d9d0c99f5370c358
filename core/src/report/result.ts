import type { RecordedEvent } from '../bus/index.js';
import type { ShownSetting } from '../config/index.js';
import type { ScenarioOutcome } from '../scenarios/engine/index.js';
import type { Result, ScenarioResult } from './result-schema.js';

/** All that a run leaves behind, before it is written. */
export interface Report {
  runId: string;
  /** ISO 8601, UTC. */
  startedAt: string;
  durationMs: number;
  /** Whether every scenario that was asked for has run. */
  complete: boolean;
  versions: Result['versions'];
  cloud: Result['cloud'];
  outcomes: ScenarioOutcome[];
  /** The outcomes as result.json shows them, in the same order. */
  results: ScenarioResult[];
  /** The effective configuration, secrets masked. */
  settings: readonly ShownSetting[];
  /** What the checks hold the figures against. */
  limits: { notificationMs?: number };
  /** The first events of the run. */
  events: (RecordedEvent & { scenario: string })[];
}

/** result.json. A run in which nothing was run, or all was skipped, has not passed. */
export function resultOf(report: Report): Result {
  const passed =
    report.complete &&
    report.results.some(({ verdict }) => verdict === 'passed') &&
    report.results.every(({ verdict }) => verdict !== 'failed');
  return {
    schema: 1,
    runId: report.runId,
    verdict: passed ? 'passed' : 'failed',
    startedAt: report.startedAt,
    durationMs: report.durationMs,
    versions: report.versions,
    cloud: report.cloud,
    scenarios: report.results,
  };
}
