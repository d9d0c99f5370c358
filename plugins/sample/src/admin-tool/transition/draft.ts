import { DoctorError, INSTANCE_ACTIONS, type MaintenanceState } from '@nfv-doctor/core/plugin-api';
import type { Effect, HostRecord, OutgoingMessage, ProjectRecord, SessionState } from '../session.js';
import { mayEnter } from './machine.js';

/** A part of the workflow that follows another. */
export type Continuation = 'begin_wave' | 'pre_actions' | 'wave_ended' | 'complete';

/** Whole seconds, rounded up: what others are told is what counts. */
export const wholeSeconds = (at: number): number => Math.ceil(at / 1000) * 1000;

/** A copy of the state that a transition works on, and the effects it asks for. */
export class Draft {
  readonly s: SessionState;
  readonly effects: Effect[] = [];
  /** Where the workflow goes on, in the same transition. */
  next: Continuation | undefined;

  constructor(
    state: SessionState,
    /** ms since the epoch. */
    readonly now: number,
  ) {
    this.s = structuredClone(state);
  }

  /** Asks for an effect; it is under way until its `done` or `failed` event. `host`: what it concerns. */
  emit(effect: Effect, host = ''): void {
    if (this.s.open[effect.key] !== undefined) return;
    this.s.open[effect.key] = host;
    this.effects.push(effect);
  }

  close(key: string): void {
    delete this.s.open[key];
  }

  /** Whether anything is under way, whose key begins so. */
  busy(prefix = ''): boolean {
    return Object.keys(this.s.open).some((key) => key.startsWith(prefix));
  }

  busyHost(hostname: string): boolean {
    return Object.entries(this.s.open).some(
      ([key, host]) => host === hostname && !key.includes('/move/') && !key.includes('/message/'),
    );
  }

  enter(state: MaintenanceState): void {
    if (!mayEnter(this.s.state, state))
      throw new DoctorError(
        'INTERNAL',
        `session ${this.s.sessionId} cannot go from ${this.s.state} to ${state}`,
      );
    this.s.state = state;
  }

  nextStep(): number {
    return ++this.s.step;
  }

  host(hostname: string): HostRecord | undefined {
    return this.s.hosts.find((host) => host.hostname === hostname);
  }

  /** Projects that are asked, in a stable order. */
  subscribed(): ProjectRecord[] {
    return Object.values(this.s.projects).filter((project) => project.subscribed);
  }

  message(message: Omit<OutgoingMessage, 'step' | 'allowedActions'>): void {
    const moving = message.state === 'PREPARE_MAINTENANCE' || message.state === 'PLANNED_MAINTENANCE';
    const { step } = this.s;
    this.emit({
      key: `${step}/message/${message.projectId}/${message.state}${message.instanceId ? `/${message.instanceId}` : ''}`,
      kind: 'message',
      message: { ...message, step, allowedActions: moving ? [...INSTANCE_ACTIONS] : [] },
    });
  }

  setEnabled(hostname: string, enabled: boolean): void {
    const host = this.host(hostname);
    if (!host) return;
    // from now on it has to be put back, whether or not the call gets through
    if (!enabled) host.disabled = true;
    this.emit(
      {
        key: `${this.s.step}/${enabled ? 'enable' : 'disable'}/${hostname}`,
        kind: 'set_enabled',
        host: hostname,
        enabled,
      },
      hostname,
    );
  }

  survey(): void {
    const step = this.nextStep();
    this.s.phase = { kind: 'surveying' };
    this.emit({ key: `${step}/survey`, kind: 'survey' });
  }
}
