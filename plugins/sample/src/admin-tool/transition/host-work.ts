import type { Effect, EffectResult } from '../session.js';
import { actionsOf } from './actions.js';
import type { Draft } from './draft.js';
import { fail } from './failing.js';

/** How often new instances may turn up on an emptied host before the session gives up. */
const MAX_REFILLS = 5;

/** The host should be empty: nothing is taken for granted. */
export function checkEmpty(draft: Draft, hostname: string): void {
  draft.emit(
    { key: `${draft.s.step}/check_empty/${hostname}`, kind: 'check_empty', host: hostname },
    hostname,
  );
}

export function emptyChecked(draft: Draft, hostname: string, { instanceIds = [] }: EffectResult): void {
  const host = draft.host(hostname);
  if (host?.state !== 'emptying') return;
  if (instanceIds.length === 0) {
    host.state = 'in_maintenance';
    return announce(draft, hostname, 'IN_MAINTENANCE');
  }
  host.refilled = (host.refilled ?? 0) + 1;
  if (host.refilled > MAX_REFILLS)
    return fail(
      draft,
      `instances keep appearing on ${hostname} although it is disabled: ${instanceIds.join(', ')}`,
    );
  // its turn comes again, with its new instances
  host.state = 'waiting';
  draft.next = 'wave_ended';
}

function announce(draft: Draft, host: string, state: 'IN_MAINTENANCE' | 'MAINTENANCE_COMPLETE'): void {
  draft.emit(
    { key: `${draft.s.step}/host_message/${host}/${state}`, kind: 'host_message', host, state },
    host,
  );
}

export function announced(draft: Draft, effect: Extract<Effect, { kind: 'host_message' }>): void {
  const host = draft.host(effect.host);
  if (!host) return;
  if (effect.state === 'IN_MAINTENANCE') return runHostAction(draft, effect.host, 0);
  host.state = 'maintained';
  draft.next = 'wave_ended';
}

/** Runs the actions for a host one after another; then the host is enabled. */
export function runHostAction(draft: Draft, hostname: string, index: number): void {
  const host = draft.host(hostname);
  if (!host) return;
  const action = actionsOf(draft, 'host')[index];
  if (!action) {
    delete host.action;
    return draft.setEnabled(hostname, true);
  }
  host.action = index;
  draft.emit(
    {
      key: `${draft.s.step}/action/host/${index}/${hostname}`,
      kind: 'action',
      phase: 'host',
      name: action.name,
      host: hostname,
    },
    hostname,
  );
}

export function hostEnabled(draft: Draft, hostname: string): void {
  const host = draft.host(hostname);
  if (!host) return;
  host.disabled = false;
  if (host.state === 'in_maintenance' && draft.s.phase.kind === 'wave')
    announce(draft, hostname, 'MAINTENANCE_COMPLETE');
}
