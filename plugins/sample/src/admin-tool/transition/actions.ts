import type { ActionCall, ActionPhase, Effect } from '../session.js';
import type { Draft } from './draft.js';

/** The actions of a session that run in a phase, in the order requested. */
export const actionsOf = (draft: Draft, phase: ActionPhase): ActionCall[] =>
  draft.s.options.actions.filter((action) => action.phase === phase);

/** Runs the actions that run once, one after another; then the session goes on. */
export function runAction(draft: Draft, phase: 'pre' | 'post', index: number): void {
  const action = actionsOf(draft, phase)[index];
  if (action) {
    draft.s.phase = { kind: 'acting', phase, index };
    return draft.emit({
      key: `${draft.s.step}/action/${phase}/${index}`,
      kind: 'action',
      phase,
      name: action.name,
    });
  }
  if (phase === 'pre') draft.s.preDone = true;
  draft.next = phase === 'pre' ? 'begin_wave' : 'complete';
}

export function onceActionDone(draft: Draft, effect: Extract<Effect, { kind: 'action' }>): void {
  const { phase } = draft.s;
  if (phase.kind === 'acting' && effect.phase === phase.phase) runAction(draft, phase.phase, phase.index + 1);
}
