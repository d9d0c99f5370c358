import type { CloudKind } from '../host/index.js';
import type { RoleName } from '../roles/index.js';

/** A scenario and the roles whose types it is run with. */
export interface MatrixScenario {
  name: string;
  title: string;
  roles: readonly RoleName[];
}

/** What is proved: each type of these roles with each type of the others. */
export const MATRIX_SCENARIOS: readonly MatrixScenario[] = [
  { name: 'fault_management', title: 'Fault management', roles: ['inspector', 'monitor', 'notifier'] },
  { name: 'maintenance', title: 'Maintenance', roles: ['admin_tool', 'app_manager', 'notifier'] },
];

/** One combination on one cloud. */
export interface Combination {
  /** Unique, fit for the name of a folder. */
  id: string;
  scenario: string;
  cloud: CloudKind;
  configFile: string | undefined;
  types: Readonly<Partial<Record<RoleName, string>>>;
  /** Values over the file's, by key; `{port}` stands for a free port. */
  config: Readonly<Record<string, unknown>>;
  /** Why it is not run. */
  skip?: string;
}

/** What came of a combination. */
export interface MatrixRow {
  scenario: string;
  cloud: CloudKind;
  types: Readonly<Partial<Record<RoleName, string>>>;
  verdict: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped. */
  reason: string | null;
  /** Figures of the scenario, ms. */
  notificationTimeMs?: number;
  detectionTimeMs?: number;
  serviceDowntimeMs?: number;
  /** Of its process from start to end, ms. */
  totalMs?: number;
  /** Its own report, relative to the matrix'. */
  report?: string;
}

/** matrix.json */
export interface MatrixReport {
  schema: 1;
  runId: string;
  /** Passed: something was run, and nothing failed. */
  verdict: 'passed' | 'failed';
  /** ISO 8601, UTC. */
  startedAt: string;
  durationMs: number;
  versions: { doctor: string; node: string };
  rows: MatrixRow[];
}
