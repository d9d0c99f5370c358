import type { HostRecord } from '../session.js';
import type { Draft } from './draft.js';

/** Ends the session for this reason: first every host is put back, then it is MAINTENANCE_FAILED. */
export function fail(draft: Draft, reason: string): void {
  const { s } = draft;
  if (s.phase.kind === 'ended' || s.phase.kind === 'putting_back') return;
  s.reason = reason;
  s.phase = { kind: 'putting_back' };
  draft.nextStep();
  putBack(draft);
}

/** Next steps of putting back; called again after everything that ends meanwhile. */
export function putBack(draft: Draft): void {
  const { s } = draft;
  for (const host of s.hosts) putHostBack(draft, host);
  if (draft.busy()) return;
  draft.enter('MAINTENANCE_FAILED');
  s.phase = { kind: 'ended' };
  const kept = s.hosts.filter((host) => host.disabled && host.keepDisabled);
  if (kept.length > 0)
    s.reason += `; ${kept.map((host) => `${host.hostname} stays disabled: ${host.keepDisabled}`).join('; ')}`;
  // who was asked wants to know that nothing more comes: what was scaled in can come back
  for (const { projectId, question } of draft.subscribed())
    if (question) draft.message({ projectId, state: 'MAINTENANCE_FAILED' });
}

function putHostBack(draft: Draft, host: HostRecord): void {
  // disabling, or work on the host, is still under way: its end brings us back here
  if (draft.busyHost(host.hostname)) return;
  if (host.disabled && !host.keepDisabled) return draft.setEnabled(host.hostname, true);
  if (host.state === 'in_maintenance' && !host.keepDisabled) {
    host.state = 'failed';
    draft.emit(
      {
        key: `${draft.s.step}/host_message/${host.hostname}/MAINTENANCE_COMPLETE`,
        kind: 'host_message',
        host: host.hostname,
        state: 'MAINTENANCE_COMPLETE',
      },
      host.hostname,
    );
  }
  if (host.state === 'emptying') host.state = 'failed';
}
