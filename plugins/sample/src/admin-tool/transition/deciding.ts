import { fullPlan, nextStep, type PlanInput, type PlanInstance, type PlannedWave } from '../planner/index.js';
import { withConstraints } from '../creation/constraints.js';
import type { ProjectRecord, SessionState, Survey } from '../session.js';
import { runAction } from './actions.js';
import type { Draft } from './draft.js';
import { fail } from './failing.js';
import { ask } from './questions.js';

/** How often projects may be asked to scale in: what they released may have left room in the wrong places. */
const MAX_SCALE_IN_ROUNDS = 5;

/** The projects that have instances on these hosts: nobody else is asked, or released from. */
export function projectsOn(hostnames: readonly string[], survey: Survey): Omit<ProjectRecord, 'question'>[] {
  const hosts = new Set(hostnames);
  const here = survey.instances
    .filter(({ hostname }) => hosts.has(hostname))
    .map(({ projectId }) => projectId);
  return [...new Set(here)].map((projectId) => ({
    projectId,
    subscribed: survey.subscribed.includes(projectId),
  }));
}

/** The planner's view of what was found. */
export function planInput(state: SessionState, survey: Survey): PlanInput {
  const records = new Map(state.hosts.map((host) => [host.hostname, host]));
  const foreign = new Set(survey.foreign);
  const bound = new Set(
    survey.groups
      .filter(
        (group) => !group.elastic && (group.placement !== 'free' || group.maxImpacted < group.members.length),
      )
      .flatMap((group) => group.members),
  );
  return {
    hosts: survey.hosts.map(({ hostname, vcpus, memoryMb, up, enabled }) => {
      const record = records.get(hostname);
      const usable = up && !foreign.has(hostname) && (enabled || record?.disabled === true);
      return { hostname, vcpus, memoryMb, usable, pending: record?.state === 'waiting' };
    }),
    instances: survey.instances.map(
      ({ id, projectId, hostname, vcpus, memoryMb }): PlanInstance => ({
        id,
        projectId,
        hostname,
        vcpus,
        memoryMb,
        scalable: state.projects[projectId]?.subscribed === true && !bound.has(id),
      }),
    ),
    groups: survey.groups,
    claims: survey.claims,
    maxParallelHosts: state.options.maxParallelHosts,
  };
}

/** How many waves in a row may be planned anew. */
const MAX_REPLANS = 3;

/** Whether another plan may do where a move failed: a host died, or somebody else took the room. */
function mayReplan({ s }: Draft, down: ReadonlySet<string>): boolean {
  const failed = s.wave?.moves.filter((move) => move.state === 'failed') ?? [];
  if (failed.every(({ from, to }) => down.has(from) || down.has(to))) return true;
  return s.wave?.again === true && ++s.replans <= MAX_REPLANS;
}

/** What comes next, from the cloud as it was found. */
export function decide(draft: Draft, survey: Survey): void {
  const { s } = draft;
  for (const project of projectsOn(
    s.hosts.map(({ hostname }) => hostname),
    survey,
  ))
    s.projects[project.projectId] ??= project;
  const down = new Set(survey.hosts.filter((host) => !host.up).map(({ hostname }) => hostname));
  const lost = s.hosts.filter((host) => host.state === 'waiting' && down.has(host.hostname));
  if (lost.length > 0)
    return fail(draft, `${lost.map(({ hostname }) => hostname).join(', ')} went down before its maintenance`);
  if (s.wave?.failure && !mayReplan(draft, down)) return fail(draft, s.wave.failure);
  if (s.wave && !s.wave.failure) s.replans = 0;
  delete s.wave;
  if (s.hosts.every((host) => host.state === 'maintained')) return runAction(draft, 'post', 0);

  const groups = withConstraints(survey.groups, s.options.constraints);
  const input = planInput(s, { ...survey, groups });
  const step = nextStep(input);
  if (step.kind === 'shortage' || !s.planned) {
    const plan = fullPlan(input);
    s.planned = true;
    const [shortage] = plan.shortages;
    if (shortage) return fail(draft, shortage);
    if (plan.scaleIn) return askToScaleIn(draft, plan.scaleIn.instances);
  }
  if (step.kind === 'wave') openWave(draft, step, survey, input);
}

function askToScaleIn(draft: Draft, instances: readonly PlanInstance[]): void {
  const { s } = draft;
  const rounds = (s.scaleIn?.rounds ?? 0) + 1;
  if (rounds > MAX_SCALE_IN_ROUNDS)
    return fail(
      draft,
      `there is still no room to empty a host after the projects have scaled in: ${instances.length} more instances would have to go`,
    );
  s.scaleIn = { rounds };
  const about = new Map<string, { scaleIn: { vcpus: number; memoryMb: number; instanceIds: string[] } }>();
  for (const { projectId, id, vcpus, memoryMb } of instances) {
    const { scaleIn } = about.get(projectId) ?? { scaleIn: { vcpus: 0, memoryMb: 0, instanceIds: [] } };
    scaleIn.vcpus += vcpus;
    scaleIn.memoryMb += memoryMb;
    scaleIn.instanceIds.push(id);
    about.set(projectId, { scaleIn });
  }
  draft.enter('DOWN_SCALE');
  ask(draft, 'DOWN_SCALE', about);
}

/** Notes the wave and sees to it that the scheduler puts nothing where it should not. */
function openWave(draft: Draft, planned: PlannedWave, survey: Survey, input: PlanInput): void {
  const { s } = draft;
  const sizes = new Map(survey.instances.map((instance) => [instance.id, instance]));
  const limits: Record<string, number> = {};
  const groups = new Map<string, string[]>();
  for (const group of input.groups)
    for (const member of group.members) {
      limits[group.id] = group.maxImpacted;
      groups.set(member, [...(groups.get(member) ?? []), group.id]);
    }
  s.wave = {
    prepare: planned.prepare,
    hosts: planned.hosts,
    limits,
    moves: planned.moves.map((move) => ({
      ...move,
      vcpus: sizes.get(move.instanceId)?.vcpus ?? 0,
      memoryMb: sizes.get(move.instanceId)?.memoryMb ?? 0,
      groups: groups.get(move.instanceId) ?? [],
      state: 'waiting',
    })),
  };
  draft.nextStep();
  s.phase = { kind: 'gating' };
  const targets = new Set(planned.moves.map(({ to }) => to));
  const taken = new Set(planned.hosts);
  for (const host of s.hosts) {
    const close =
      taken.has(host.hostname) ||
      (!planned.prepare &&
        s.options.closeWaitingHosts &&
        host.state === 'waiting' &&
        !targets.has(host.hostname));
    if (close && !host.disabled) draft.setEnabled(host.hostname, false);
    if (host.disabled && targets.has(host.hostname)) draft.setEnabled(host.hostname, true);
  }
  gated(draft);
}

/** The hosts are closed or opened as they should be: projects are asked, or the moves begin. */
export function gated(draft: Draft): void {
  const { s } = draft;
  if (s.phase.kind !== 'gating' || !s.wave) return;
  if (draft.busy(`${s.step}/enable/`) || draft.busy(`${s.step}/disable/`)) return;
  const about = new Map<string, { instanceIds: string[] }>();
  for (const { projectId, instanceId } of s.wave.moves) {
    if (!s.projects[projectId]?.subscribed) continue;
    const asked = about.get(projectId) ?? { instanceIds: [] };
    asked.instanceIds.push(instanceId);
    about.set(projectId, asked);
  }
  const state = s.wave.prepare
    ? 'PREPARE_MAINTENANCE'
    : s.wave.moves.length > 0
      ? 'PLANNED_MAINTENANCE'
      : 'START_MAINTENANCE';
  draft.enter(state);
  if (about.size === 0 || state === 'START_MAINTENANCE') {
    draft.nextStep();
    draft.next = 'begin_wave';
    return;
  }
  ask(draft, state, about);
}

/** Every host is maintained, every action has run. */
export function complete(draft: Draft): void {
  draft.enter('MAINTENANCE_COMPLETE');
  const about = new Map(draft.subscribed().map(({ projectId }) => [projectId, {}]));
  if (about.size > 0) return ask(draft, 'MAINTENANCE_COMPLETE', about);
  draft.enter('MAINTENANCE_DONE');
  draft.s.phase = { kind: 'ended' };
}
