import type { Effect, ProjectRecord, SessionOptions, SessionState } from '../session.js';
import { Draft } from './draft.js';
import { ask } from './questions.js';

/** What a new session is made of; it has been checked before. */
export interface NewSession {
  sessionId: string;
  /** ms since the epoch. */
  now: number;
  maintenanceAt: number;
  hosts: readonly string[];
  projects: readonly Omit<ProjectRecord, 'question'>[];
  options: SessionOptions;
}

/** The first state of a session, and its first effects: the subscribed projects are asked. */
export function begin(session: NewSession): { state: SessionState; effects: Effect[] } {
  const { sessionId, now, maintenanceAt, options } = session;
  const draft = new Draft(
    {
      sessionId,
      createdAt: now,
      maintenanceAt,
      options,
      state: 'MAINTENANCE',
      phase: { kind: 'waiting' },
      step: 0,
      hosts: session.hosts.map((hostname) => ({ hostname, state: 'waiting', disabled: false })),
      projects: Object.fromEntries(session.projects.map((project) => [project.projectId, project])),
      preDone: false,
      planned: false,
      replans: 0,
      open: {},
    },
    now,
  );
  const subscribed = draft.subscribed();
  if (subscribed.length > 0)
    ask(draft, 'MAINTENANCE', new Map(subscribed.map(({ projectId }) => [projectId, {}])));
  return { state: draft.s, effects: draft.effects };
}
