import {
  maintenanceWord,
  type MaintenancePlan,
  type MaintenanceSession,
  type Vocabulary,
} from '@nfv-doctor/core/plugin-api';
import type { ActionPlugin } from './actions/index.js';
import type { CheckedRequest } from './creation/index.js';
import type { Claim } from './planner/index.js';
import type { SessionState, Survey } from './session.js';

/** What an administrator sees of a session. */
export function viewSession(state: SessionState, vocabulary: Vocabulary): MaintenanceSession {
  return {
    sessionId: state.sessionId,
    state: state.state,
    hosts: state.hosts.map(({ hostname, state }) => ({ hostname, state })),
    projects: Object.values(state.projects).map(({ projectId, subscribed, question }) => ({
      projectId,
      state: question
        ? maintenanceWord(question.state, vocabulary)
        : subscribed
          ? 'not asked yet'
          : 'not subscribed',
      ...(question?.answer ? { answer: question.answer } : {}),
    })),
    maintenanceAt: new Date(state.maintenanceAt).toISOString(),
    ...(state.reason ? { reason: state.reason } : {}),
  };
}

/** What a session holds that others must not touch. */
export function heldBy(states: Iterable<SessionState>): Pick<Survey, 'claims' | 'foreign'> {
  const claims: Claim[] = [];
  const foreign: string[] = [];
  for (const { phase, hosts, wave } of states) {
    if (phase.kind === 'ended') continue;
    for (const host of hosts) if (host.state !== 'maintained') foreign.push(host.hostname);
    for (const { state, to, vcpus, memoryMb } of wave?.moves ?? [])
      if (state === 'waiting' || state === 'moving') claims.push({ hostname: to, vcpus, memoryMb });
  }
  return { claims, foreign };
}

/** What a request would do. */
export function viewPlan(
  { plan, options, reasons, maintenanceAt }: CheckedRequest,
  {
    now,
    actions,
    expectedMoveMs,
  }: { now: number; actions: ReadonlyMap<string, ActionPlugin>; expectedMoveMs: number },
): MaintenancePlan {
  const duration = (phase: string) =>
    options.actions
      .filter((action) => action.phase === phase)
      .reduce((sum, { name }) => sum + (actions.get(name)?.expectedMs ?? 0), 0);
  const waves = plan.waves.map((wave) => {
    const perHost = wave.hosts.map((hostname) => wave.moves.filter(({ from }) => from === hostname).length);
    const rounds = Math.max(0, ...perHost.map((count) => Math.ceil(count / options.maxParallelMoves)));
    return rounds * expectedMoveMs + (wave.prepare ? 0 : duration('host'));
  });
  const work = waves.reduce((sum, ms) => sum + ms, 0) + duration('pre') + duration('post');
  return {
    hosts: plan.waves.filter(({ prepare }) => !prepare).map(({ hosts }) => hosts),
    moves: plan.waves.flatMap(({ moves, prepare }, wave) =>
      moves.map(({ instanceId, from, to }) => ({
        instanceId,
        from,
        to,
        wave,
        ...(prepare ? { prepare } : {}),
      })),
    ),
    shortages: reasons,
    estimatedMs: Math.max(0, maintenanceAt - now) + work,
    ...(plan.scaleIn
      ? {
          scaleIn: {
            vcpus: plan.scaleIn.vcpus,
            memoryMb: plan.scaleIn.memoryMb,
            instances: plan.scaleIn.instances.map(({ id }) => id),
          },
        }
      : {}),
  };
}
