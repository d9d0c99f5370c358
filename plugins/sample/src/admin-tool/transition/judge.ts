import {
  DoctorError,
  INSTANCE_ACTIONS,
  type InstanceAction,
  maintenanceAnswer,
} from '@nfv-doctor/core/plugin-api';
import type { Question, SessionEvent, SessionState } from '../session.js';

/** An answer as it came. */
export interface RawAnswer {
  projectId: string;
  /** From the body, when it names one. */
  sessionId?: string | undefined;
  /** `ACK_<STATE>` or `NACK_<STATE>`, in either vocabulary. */
  state: string;
  /** From the reply_url, when the answer went to it. */
  step?: number | undefined;
  actions?: Record<string, string> | undefined;
  reason?: string | undefined;
}

type AnswerEvent = Extract<SessionEvent, { type: 'answer' }>;

/**
 * Judges an answer against the question that is open. A refused one changes nothing.
 * @returns the event; undefined for an answer that has been given already in the same words
 * @throws DoctorError INPUT_INVALID, NOT_FOUND, CONFLICT (another state, session or step), MAINTENANCE_LATE
 */
export function judge(state: SessionState, raw: RawAnswer, now: number): AnswerEvent | undefined {
  const answer = maintenanceAnswer(raw.state);
  if (!answer)
    throw new DoctorError(
      'INPUT_INVALID',
      `state must be ACK_<STATE> or NACK_<STATE> of the state asked about, found ${JSON.stringify(raw.state)}`,
      { details: { field: 'state' } },
    );
  if (raw.sessionId !== undefined && raw.sessionId !== state.sessionId)
    throw new DoctorError('CONFLICT', `the answer is for session ${raw.sessionId}, not ${state.sessionId}`, {
      details: { field: 'session_id' },
    });
  const project = state.projects[raw.projectId];
  if (!project?.subscribed)
    throw new DoctorError('NOT_FOUND', `project ${raw.projectId} is not asked in session ${state.sessionId}`);
  const { question } = project;
  if (!question)
    throw new DoctorError('CONFLICT', `project ${raw.projectId} has not been asked anything yet`);
  if (answer.state !== question.state || (raw.step !== undefined && raw.step !== question.step))
    throw new DoctorError(
      'CONFLICT',
      `the answer is about ${answer.state}${raw.step === undefined ? '' : ` (step ${raw.step})`}, the last question was ${question.state} (step ${question.step})`,
      { details: { field: 'state' } },
    );
  if (question.answer === answer.verdict) return undefined;
  if (question.answer)
    throw new DoctorError('CONFLICT', `${question.state} has already been answered with ${question.answer}`);
  // at the deadline it is too late: from then on others may have been told so
  if (now >= question.replyAt)
    throw new DoctorError(
      'MAINTENANCE_LATE',
      `the answer to ${question.state} was due before ${new Date(question.replyAt).toISOString()}`,
      { details: { replyAt: new Date(question.replyAt).toISOString() } },
    );
  if (state.phase.kind !== 'asking' || question.step !== state.step)
    throw new DoctorError(
      'CONFLICT',
      `session ${state.sessionId} does not wait for answers: it is in ${state.state}${state.reason ? ` (${state.reason})` : ''}`,
    );
  const actions = answer.verdict === 'ACK' ? judgeActions(question, raw.actions) : undefined;
  return {
    type: 'answer',
    projectId: raw.projectId,
    verdict: answer.verdict,
    ...(raw.reason === undefined ? {} : { reason: raw.reason }),
    ...(actions ? { actions } : {}),
  };
}

/** PREPARE_ and PLANNED_MAINTENANCE need an action for every instance asked about, and for no other. */
function judgeActions(
  { state, instanceIds }: Question,
  actions: Record<string, string> = {},
): Record<string, InstanceAction> | undefined {
  if (!instanceIds) return undefined;
  const invalid = (message: string) =>
    new DoctorError('INPUT_INVALID', message, { details: { field: 'instance_actions' } });
  const missing = instanceIds.filter((id) => actions[id] === undefined);
  if (missing.length > 0)
    throw invalid(
      `instance_actions lacks ${missing.join(', ')}: ACK_${state} needs an action for every instance`,
    );
  const strange = Object.keys(actions).filter((id) => !instanceIds.includes(id));
  if (strange.length > 0)
    throw invalid(`instance_actions has ${strange.join(', ')}, which this question is not about`);
  const wrong = Object.entries(actions).find(
    ([, action]) => !INSTANCE_ACTIONS.includes(action as InstanceAction),
  );
  if (wrong)
    throw invalid(
      `instance_actions.${wrong[0]} must be one of ${INSTANCE_ACTIONS.join(', ')}, found ${JSON.stringify(wrong[1])}`,
    );
  return actions as Record<string, InstanceAction>;
}
