import type { InstanceAction } from '@nfv-doctor/core/plugin-api';
import type { Effect, EffectResult, HostRecord, WaveMove } from '../session.js';
import type { Draft } from './draft.js';
import { checkEmpty } from './host-work.js';

/** Everybody agreed: what has to run before the first host runs, then instances are moved. */
export function beginWave(draft: Draft): void {
  const { s } = draft;
  if (!s.wave) return;
  if (!s.preDone && !s.wave.prepare) {
    draft.next = 'pre_actions';
    return;
  }
  s.phase = { kind: 'wave' };
  for (const hostname of s.wave.hosts) {
    const host = draft.host(hostname);
    if (host) host.state = 'emptying';
  }
  for (const hostname of s.wave.hosts) hostMoved(draft, hostname);
  pump(draft);
}

const actionFor = (draft: Draft, move: WaveMove): InstanceAction =>
  draft.s.projects[move.projectId]?.question?.actions?.[move.instanceId] ?? draft.s.options.defaultAction;

/** Begins as many moves as the limits allow: per host, and per group of instances. */
export function pump(draft: Draft): void {
  const { wave, options, step } = draft.s;
  if (!wave || wave.failure) return;
  const perHost = new Map<string, number>();
  const perGroup = new Map<string, number>();
  const count = (move: WaveMove) => {
    perHost.set(move.from, (perHost.get(move.from) ?? 0) + 1);
    for (const group of move.groups) perGroup.set(group, (perGroup.get(group) ?? 0) + 1);
  };
  for (const move of wave.moves) if (move.state === 'moving') count(move);
  for (const move of wave.moves) {
    if (move.state !== 'waiting' || (perHost.get(move.from) ?? 0) >= options.maxParallelMoves) continue;
    if (move.groups.some((group) => (perGroup.get(group) ?? 0) >= (wave.limits[group] ?? 1))) continue;
    move.state = 'moving';
    count(move);
    const { instanceId, projectId, from, to } = move;
    const action = actionFor(draft, move);
    draft.emit(
      {
        key: `${step}/move/${instanceId}`,
        kind: 'move',
        move: { instanceId, projectId, from, to, action, timeoutMs: options.moveTimeoutMs },
      },
      from,
    );
  }
}

type MoveEffect = Extract<Effect, { kind: 'move' }>;

export function moveDone(draft: Draft, effect: MoveEffect, result: EffectResult): void {
  const { wave, projects } = draft.s;
  const { instanceId, projectId, action, from } = effect.move;
  const move = wave?.moves.find((each) => each.instanceId === instanceId);
  if (move) move.state = 'done';
  if (projects[projectId]?.subscribed && action !== 'OWN_ACTION' && !result.gone)
    draft.message({ projectId, state: 'ADMIN_ACTION_DONE', instanceId });
  if (draft.s.phase.kind !== 'wave') return;
  pump(draft);
  hostMoved(draft, from);
  waveEnded(draft);
}

export function moveFailed(draft: Draft, effect: MoveEffect, reason: string, again: boolean): void {
  const { wave } = draft.s;
  const { instanceId, from, to, action } = effect.move;
  const move = wave?.moves.find((each) => each.instanceId === instanceId);
  if (move) move.state = 'failed';
  if (wave) wave.again = again && wave.again !== false;
  if (wave) wave.failure ??= `${action} of instance ${instanceId} from ${from} to ${to}: ${reason}`;
  waveEnded(draft);
}

/** All instances of a host are away: it is only prepared, or its turn has come. */
function hostMoved(draft: Draft, hostname: string): void {
  const { wave } = draft.s;
  const host = draft.host(hostname);
  if (!wave || host?.state !== 'emptying') return;
  if (wave.moves.some((move) => move.from === hostname && move.state !== 'done')) return;
  if (wave.prepare) host.state = 'waiting';
  else checkEmpty(draft, hostname);
}

/** When nothing of the wave is under way any more, the cloud is looked at again. */
export function waveEnded(draft: Draft): void {
  const { s } = draft;
  if (s.phase.kind !== 'wave' || !s.wave) return;
  const { wave } = s;
  if (wave.moves.some((move) => move.state === 'moving')) return;
  const hosts = wave.hosts.map((hostname) => draft.host(hostname)).filter((host) => host !== undefined);
  const under = (host: HostRecord) =>
    host.state === 'in_maintenance' ||
    draft.busyHost(host.hostname) ||
    (host.state === 'emptying' && !wave.failure);
  if (hosts.some(under)) return;
  for (const host of hosts) if (host.state === 'emptying') host.state = 'waiting';
  draft.survey();
}
