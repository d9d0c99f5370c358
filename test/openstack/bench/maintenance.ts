import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReportFolder, runScenarios } from '@nfv-doctor/core';
import { openFor } from '../support/scenario.js';

/** As the original's run had it: 28 s until the session begins, and 15 s of work on the three hosts together. */
const LEAD = '28 s';
const WORK_PER_HOST = '5 s';

/** A session of three hosts full of instances, told through Aodh: from the request to its end, ms. */
export async function measureMaintenance(signal: AbortSignal): Promise<number> {
  const root = mkdtempSync(join(tmpdir(), 'doctor-bench-'));
  try {
    const folder = new ReportFolder(root, 'run');
    const { report } = await runScenarios({
      names: ['maintenance'],
      folder,
      version: '0.0.0',
      signal,
      open: openFor(folder, {
        'notifier.type': 'aodh',
        'test.maintenance_lead': LEAD,
        'admin_tool.actions': { work: { kind: 'none', duration: WORK_PER_HOST } },
        'admin_tool.default_actions': ['work'],
      }),
    });
    const [outcome] = report.outcomes;
    const session = outcome?.steps.find(({ name }) => name === 'workflow');
    if (!session || outcome?.verdict !== 'passed')
      throw new Error(`the maintenance scenario did not pass: ${outcome?.reason ?? 'no outcome'}`);
    return session.durationMs;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
