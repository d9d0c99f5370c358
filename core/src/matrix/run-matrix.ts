import { mapBounded } from '../domain/each.js';
import { DoctorError } from '../errors/index.js';
import type { ReportFolder } from '../report/index.js';
import { lookAtCloud } from './clouds.js';
import { combinations } from './combinations.js';
import { runCombination } from './run-combination.js';
import type { Combination, MatrixReport, MatrixRow } from './types.js';
import { writeMatrix } from './write-matrix.js';

export interface RunMatrixOptions {
  /** Configuration files, one per cloud; undefined: built-in defaults. */
  configFiles: readonly (string | undefined)[];
  /** The program and its first arguments: `node .../main.js`. */
  command: readonly [string, ...string[]];
  folder: ReportFolder;
  env: Readonly<Record<string, string | undefined>>;
  /** Combinations at once on the embedded cloud; on a real one they would disturb each other: one at a time. */
  concurrency: number;
  /** A combination must have ended by then, ms. */
  timeoutMs: number;
  version: string;
  signal: AbortSignal;
  /** Which of them; default: all. */
  filter?(combination: Combination): boolean;
  /** Called once, with what will be run. */
  planned?(all: readonly Combination[]): void;
  /** Called with each outcome, in the order of their ends. */
  finished?(row: MatrixRow): void;
}

/**
 * Runs every combination of the installed plugins, and writes matrix.json, junit.xml and matrix.html.
 * @throws DoctorError when no combination is left to look at, or it was interrupted
 */
export async function runMatrix(options: RunMatrixOptions): Promise<MatrixReport> {
  const startedAt = new Date();
  const started = performance.now();
  const clouds = [];
  for (const file of options.configFiles) clouds.push(await lookAtCloud(file, options.env, options.signal));
  const all = combinations(clouds).filter(options.filter ?? (() => true));
  if (all.length === 0)
    throw new DoctorError('INPUT_INVALID', 'no combination is left: the filter matches none of them');
  options.planned?.(all);
  const rows = await runAll(all, options);
  const report: MatrixReport = {
    schema: 1,
    runId: options.folder.runId,
    verdict: verdictOf(rows, all.length),
    startedAt: startedAt.toISOString(),
    durationMs: Math.round(performance.now() - started),
    versions: { doctor: options.version, node: process.versions.node },
    rows,
  };
  writeMatrix(options.folder, report);
  options.signal.throwIfAborted();
  return report;
}

async function runAll(all: readonly Combination[], options: RunMatrixOptions): Promise<MatrixRow[]> {
  const rows = new Map<Combination, MatrixRow>();
  const one = async (combination: Combination) => {
    if (options.signal.aborted) return;
    const row = await outcomeOf(combination, options);
    // an interrupted one says nothing
    if (options.signal.aborted) return;
    rows.set(combination, row);
    options.finished?.(row);
  };
  for (const kind of ['embedded', 'openstack'] as const) {
    const ofKind = all.filter(({ cloud }) => cloud === kind);
    await mapBounded(ofKind, kind === 'embedded' ? options.concurrency : 1, one);
  }
  return all.flatMap((combination) => rows.get(combination) ?? []);
}

async function outcomeOf(combination: Combination, options: RunMatrixOptions): Promise<MatrixRow> {
  const { scenario, cloud, types, skip } = combination;
  if (skip !== undefined) return { scenario, cloud, types, verdict: 'skipped', reason: skip };
  return runCombination(combination, { ...options, folder: options.folder.path });
}

const verdictOf = (rows: readonly MatrixRow[], planned: number): MatrixReport['verdict'] =>
  rows.length === planned &&
  rows.some(({ verdict }) => verdict === 'passed') &&
  rows.every(({ verdict }) => verdict !== 'failed')
    ? 'passed'
    : 'failed';
