import type { AskedState, Question, SessionEvent } from '../session.js';
import { type Draft, wholeSeconds } from './draft.js';
import { fail } from './failing.js';

type Asked = Pick<Question, 'instanceIds' | 'scaleIn'>;

/** Asks these projects; every one must answer ACK before the session goes on. */
export function ask(draft: Draft, state: AskedState, about: ReadonlyMap<string, Asked>): void {
  const { s, now } = draft;
  const step = draft.nextStep();
  const replyAt =
    state === 'MAINTENANCE'
      ? Math.min(s.maintenanceAt, wholeSeconds(now + s.options.replyTimeoutMs))
      : wholeSeconds(now + s.options.replyTimeoutMs);
  const actionsAt = state === 'MAINTENANCE' ? s.maintenanceAt : replyAt;
  s.phase = { kind: 'asking' };
  for (const [projectId, asked] of about) {
    const project = s.projects[projectId];
    if (!project) continue;
    project.question = { step, state, actionsAt, replyAt, ...asked };
    draft.message({ projectId, state, actionsAt, replyAt });
  }
}

/** The questions that the session waits for. */
export const openQuestions = (draft: Draft): { projectId: string; question: Question }[] =>
  draft
    .subscribed()
    .flatMap(({ projectId, question }) => (question?.step === draft.s.step ? [{ projectId, question }] : []));

/** An answer that has been judged to be one. */
export function answered(draft: Draft, event: Extract<SessionEvent, { type: 'answer' }>): void {
  const question = draft.s.projects[event.projectId]?.question;
  if (!question || draft.s.phase.kind !== 'asking' || question.step !== draft.s.step) return;
  question.answer = event.verdict;
  if (event.verdict === 'NACK') {
    const why = event.reason ? `: ${event.reason}` : '';
    return fail(draft, `project ${event.projectId} answered NACK_${question.state}${why}`);
  }
  if (event.actions) question.actions = event.actions;
  if (openQuestions(draft).every(({ question: { answer } }) => answer === 'ACK'))
    agreed(draft, question.state);
}

function agreed(draft: Draft, state: AskedState): void {
  switch (state) {
    case 'MAINTENANCE':
      draft.s.phase = { kind: 'waiting' };
      return timePassed(draft);
    case 'DOWN_SCALE':
      return draft.survey();
    case 'PREPARE_MAINTENANCE':
    case 'PLANNED_MAINTENANCE':
      draft.next = 'begin_wave';
      return;
    case 'MAINTENANCE_COMPLETE':
      draft.enter('MAINTENANCE_DONE');
      draft.s.phase = { kind: 'ended' };
  }
}

/** Looks at the deadlines. */
export function timePassed(draft: Draft): void {
  const { s, now } = draft;
  if (s.phase.kind === 'waiting' && now >= s.maintenanceAt) return draft.survey();
  if (s.phase.kind !== 'asking') return;
  const late = openQuestions(draft).filter(({ question }) => !question.answer && now >= question.replyAt);
  const [first] = late;
  if (!first) return;
  const who = late.map(({ projectId }) => projectId).join(', ');
  fail(
    draft,
    `no answer to ${first.question.state} from project ${who} by ${new Date(first.question.replyAt).toISOString()}`,
  );
}

/** Nobody could answer while the admin tool was away: the time for it begins anew. */
export function extendDeadlines(draft: Draft): void {
  const replyAt = wholeSeconds(draft.now + draft.s.options.replyTimeoutMs);
  for (const { question } of openQuestions(draft)) {
    if (question.answer) continue;
    question.replyAt = Math.max(question.replyAt, replyAt);
    question.actionsAt = Math.max(question.actionsAt, question.replyAt);
  }
}
