import type { Effect, SessionEvent, SessionState } from '../session.js';
import { onceActionDone, runAction } from './actions.js';
import { complete, decide, gated } from './deciding.js';
import { type Continuation, Draft } from './draft.js';
import { fail, putBack } from './failing.js';
import { announced, emptyChecked, hostEnabled, runHostAction } from './host-work.js';
import { answered, extendDeadlines, openQuestions, timePassed } from './questions.js';
import { beginWave, moveDone, moveFailed, waveEnded } from './waves.js';

/**
 * The workflow: from a state and what happened to the next state and what is to be done. Pure: no I/O, no clock,
 * the state given is not changed.
 * @param now ms since the epoch
 */
export function transition(
  state: SessionState,
  event: SessionEvent,
  now: number,
): { state: SessionState; effects: Effect[] } {
  const draft = new Draft(state, now);
  apply(draft, event);
  for (let next = draft.next; next; next = draft.next) {
    draft.next = undefined;
    CONTINUATIONS[next](draft);
  }
  if (draft.s.phase.kind === 'putting_back') putBack(draft);
  return { state: draft.s, effects: draft.effects };
}

const CONTINUATIONS: Record<Continuation, (draft: Draft) => void> = {
  begin_wave: beginWave,
  pre_actions: (draft) => runAction(draft, 'pre', 0),
  wave_ended: waveEnded,
  complete,
};

function apply(draft: Draft, event: SessionEvent): void {
  switch (event.type) {
    case 'answer':
      return answered(draft, event);
    case 'survey':
      draft.close(event.key);
      if (draft.s.phase.kind === 'surveying') decide(draft, event.survey);
      return;
    case 'done':
      draft.close(event.effect.key);
      return effectDone(draft, event);
    case 'failed':
      draft.close(event.effect.key);
      return effectFailed(draft, event);
    case 'time':
      return timePassed(draft);
    case 'resumed':
      return extendDeadlines(draft);
    case 'host_down':
      return hostDown(draft, event.hostname);
    case 'abort':
      return fail(draft, event.reason);
  }
}

function effectDone(draft: Draft, { effect, result = {} }: Extract<SessionEvent, { type: 'done' }>): void {
  if (effect.kind === 'move') return moveDone(draft, effect, result);
  if (effect.kind === 'set_enabled' && effect.enabled) hostEnabled(draft, effect.host);
  if (draft.s.phase.kind === 'gating') return gated(draft);
  if (draft.s.phase.kind === 'acting' && effect.kind === 'action') return onceActionDone(draft, effect);
  if (draft.s.phase.kind !== 'wave') return;
  if (effect.kind === 'check_empty') return emptyChecked(draft, effect.host, result);
  if (effect.kind === 'host_message') return announced(draft, effect);
  if (effect.kind === 'action' && effect.host !== undefined)
    runHostAction(draft, effect.host, (draft.host(effect.host)?.action ?? 0) + 1);
}

function effectFailed(
  draft: Draft,
  { effect, reason, again = false }: Extract<SessionEvent, { type: 'failed' }>,
): void {
  if (draft.s.phase.kind === 'ended') return;
  switch (effect.kind) {
    case 'move':
      if (draft.s.phase.kind === 'wave') return moveFailed(draft, effect, reason, again);
      return;
    case 'action': {
      const action = draft.s.options.actions.find(
        ({ name, phase }) => name === effect.name && phase === effect.phase,
      );
      const host = effect.host === undefined ? undefined : draft.host(effect.host);
      if (host && !action?.safe) host.keepDisabled = `action ${effect.name} failed on it: ${reason}`;
      return fail(draft, `action ${effect.name}${host ? ` on ${host.hostname}` : ''}: ${reason}`);
    }
    case 'set_enabled': {
      const host = draft.host(effect.host);
      if (host && effect.enabled) host.keepDisabled = `it could not be enabled: ${reason}`;
      return fail(draft, `${effect.host} could not be ${effect.enabled ? 'enabled' : 'disabled'}: ${reason}`);
    }
    default:
      return fail(draft, `${describe(effect)}: ${reason}`);
  }
}

function describe(effect: Effect): string {
  switch (effect.kind) {
    case 'message':
      return `${effect.message.state} could not be told to project ${effect.message.projectId}`;
    case 'host_message':
      return `${effect.state} of ${effect.host} could not be told`;
    case 'survey':
      return 'the cloud could not be looked at';
    case 'check_empty':
      return `${effect.host} could not be looked at`;
    default:
      return effect.kind;
  }
}

/** A host's death is a fault, handled as such by the inspector. Whose turn is over, or who does not take part, is replanned around. */
function hostDown(draft: Draft, hostname: string): void {
  const host = draft.host(hostname);
  if (host?.state === 'waiting' || host?.state === 'emptying')
    fail(draft, `${hostname} went down before its maintenance`);
}

/** The next moment at which a `time` event is due, ms since the epoch; undefined while no deadline is near. */
export function nextDeadline(state: SessionState): number | undefined {
  if (state.phase.kind === 'waiting') return state.maintenanceAt;
  if (state.phase.kind !== 'asking') return undefined;
  const open = openQuestions(new Draft(state, 0)).filter(({ question }) => !question.answer);
  return open.length === 0 ? undefined : Math.min(...open.map(({ question }) => question.replyAt));
}
