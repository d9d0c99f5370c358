import { made } from '../../common/index.js';
import type { Step } from '../../engine/types.js';
import { checkMaintenance } from '../checker/index.js';
import type { MaintenanceState } from '../state.js';

/** The independent checker goes through the log of changes. */
export const verifyMaintenance: Step<MaintenanceState> = {
  name: 'verify',
  title: 'Prove the promises from the log of changes',
  async run(ctx) {
    const { state } = ctx;
    const { variant, ended } = state;
    const recorder = made(state.recorder, 'recorder');
    await recorder.stop(ctx.signal);
    const failed = variant.outcome === 'MAINTENANCE_FAILED';
    state.verdict = checkMaintenance(recorder.log, {
      hosts: state.hosts.map(({ hostname }) => hostname),
      outcome: variant.outcome,
      ...(state.cut ? { lostHosts: [state.cut.hostname], capacityBack: false } : {}),
      whole: !failed,
    });
    const { deadlineFault } = ctx.role('admin_tool');
    for (const { name, passed, detail, rule } of state.verdict.checks) {
      // a known defect of a foreign tool is told, and not held against the cloud
      if (rule === 'deadlines' && deadlineFault !== undefined) {
        ctx.progress(`deadlines are not judged: ${deadlineFault}`);
        continue;
      }
      // members on a host that died are impacted by the fault, not by the maintenance
      if (state.cut && rule === 'impacted') continue;
      ctx.check(name, passed, detail);
    }
    if (variant.reason)
      ctx.check(
        'the session tells why it failed',
        variant.reason.test(ended?.reason ?? ''),
        ended?.reason ?? 'no reason',
      );
    ctx.progress(`${recorder.log.length} changes, ${Math.round(state.verdict.downtimeMs)} ms downtime`);
  },
};
