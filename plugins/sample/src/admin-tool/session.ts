import type { HostMaintenanceState, InstanceAction, MaintenanceState } from '@nfv-doctor/core/plugin-api';
import type { Constraint } from './creation/constraints.js';
import type { Claim, PlanGroup } from './planner/index.js';

/** States in which projects are asked and must answer. */
export type AskedState =
  | 'MAINTENANCE'
  | 'DOWN_SCALE'
  | 'PREPARE_MAINTENANCE'
  | 'PLANNED_MAINTENANCE'
  | 'MAINTENANCE_COMPLETE';

/** When an action plug-in runs: once before the first host, for each host, once after the last. */
export type ActionPhase = 'pre' | 'host' | 'post';

/** An action plug-in that a session uses. */
export interface ActionCall {
  name: string;
  phase: ActionPhase;
  /** Whether the host may be used again although the action failed on it. */
  safe: boolean;
}

/** What a session was created with; never changes. Durations in ms. */
export interface SessionOptions {
  workflow: string;
  metadata: Record<string, unknown>;
  actions: ActionCall[];
  maxParallelHosts: number;
  /** Moves of one host that are under way at once. */
  maxParallelMoves: number;
  replyTimeoutMs: number;
  moveTimeoutMs: number;
  /** What is done with instances of projects that are not asked. */
  defaultAction: Exclude<InstanceAction, 'OWN_ACTION'>;
  /** Whether hosts that wait are closed to new instances as soon as the first host is maintained. */
  closeWaitingHosts: boolean;
  /** What projects demand for groups of their instances, beyond Nova's server groups. */
  constraints: Constraint[];
}

/** One question to one project. Its answer counts for this step only. */
export interface Question {
  step: number;
  state: AskedState;
  /** ms since the epoch, whole seconds. */
  actionsAt: number;
  replyAt: number;
  /** The instances it is about; undefined: all of the project. */
  instanceIds?: string[];
  /** What to release, and which instances would help most (DOWN_SCALE). */
  scaleIn?: { vcpus: number; memoryMb: number; instanceIds: string[] };
  answer?: 'ACK' | 'NACK';
  actions?: Record<string, InstanceAction>;
}

export interface ProjectRecord {
  projectId: string;
  /** Projects that did not subscribe are not asked. */
  subscribed: boolean;
  question?: Question;
}

export interface HostRecord {
  hostname: string;
  state: 'waiting' | 'emptying' | 'in_maintenance' | 'maintained' | 'failed';
  /** This session has disabled it, or is about to. */
  disabled: boolean;
  /** Index of the action that runs. */
  action?: number;
  /** Why it must stay disabled after a failure. */
  keepDisabled?: string;
  /** How often instances were found on it after it had been emptied. */
  refilled?: number;
}

export interface WaveMove {
  instanceId: string;
  projectId: string;
  from: string;
  to: string;
  vcpus: number;
  memoryMb: number;
  groups: string[];
  state: 'waiting' | 'moving' | 'done' | 'failed';
}

export interface Wave {
  prepare: boolean;
  hosts: string[];
  moves: WaveMove[];
  /** Members of a group that may move at the same time. */
  limits: Record<string, number>;
  /** Why a move failed; no further one is begun then. */
  failure?: string;
  /** Whether another plan may do, for every move that failed. */
  again?: boolean;
}

export type Phase =
  | { kind: 'asking' }
  | { kind: 'waiting' }
  | { kind: 'surveying' }
  /** Hosts are disabled (or enabled) before anybody is asked or moved. */
  | { kind: 'gating' }
  | { kind: 'acting'; phase: 'pre' | 'post'; index: number }
  | { kind: 'wave' }
  | { kind: 'putting_back' }
  | { kind: 'ended' };

/** Everything about a session; stored as JSON with each step. */
export interface SessionState {
  sessionId: string;
  createdAt: number;
  maintenanceAt: number;
  options: SessionOptions;
  state: MaintenanceState;
  phase: Phase;
  /** Rises with each question, survey and wave; part of every effect's key. */
  step: number;
  hosts: HostRecord[];
  projects: Record<string, ProjectRecord>;
  wave?: Wave;
  preDone: boolean;
  /** How often projects were asked to scale in. */
  scaleIn?: { rounds: number };
  planned: boolean;
  /** Waves in a row that had to be planned anew. */
  replans: number;
  /** Keys of the effects under way, with the host they concern. */
  open: Record<string, string>;
  reason?: string;
}

/** What a transition wants done. Each has a key: doing it twice has the effect of doing it once. */
export type Effect = { key: string } & (
  | { kind: 'message'; message: OutgoingMessage }
  | { kind: 'host_message'; host: string; state: HostMaintenanceState }
  | { kind: 'survey' }
  | { kind: 'set_enabled'; host: string; enabled: boolean }
  | { kind: 'move'; move: MoveOrder }
  | { kind: 'check_empty'; host: string }
  | { kind: 'action'; phase: ActionPhase; name: string; host?: string }
);
export type EffectKind = Effect['kind'];

export interface OutgoingMessage {
  projectId: string;
  state: MaintenanceState;
  step: number;
  /** For ADMIN_ACTION_DONE. */
  instanceId?: string;
  actionsAt?: number;
  replyAt?: number;
  allowedActions: InstanceAction[];
}

export interface MoveOrder {
  instanceId: string;
  projectId: string;
  from: string;
  to: string;
  action: InstanceAction;
  timeoutMs: number;
}

/** The cloud as it was found. */
export interface Survey {
  /** `silent`: not up because Nova has not heard of it; nobody has forced it down. */
  hosts: {
    hostname: string;
    vcpus: number;
    memoryMb: number;
    up: boolean;
    silent?: boolean;
    enabled: boolean;
  }[];
  instances: {
    id: string;
    projectId: string;
    hostname: string;
    vcpus: number;
    memoryMb: number;
    status: string;
  }[];
  groups: PlanGroup[];
  /** Projects with an alarm for maintenance.scheduled. */
  subscribed: string[];
  /** Promised by other sessions. */
  claims: Claim[];
  /** Hosts that other sessions have yet to maintain. */
  foreign: string[];
}

export type SessionEvent =
  | {
      type: 'answer';
      projectId: string;
      verdict: 'ACK' | 'NACK';
      reason?: string;
      actions?: Record<string, InstanceAction>;
    }
  | { type: 'survey'; key: string; survey: Survey }
  | { type: 'done'; effect: Effect; result?: EffectResult }
  /** `again`: the instance is where it was; another plan may do. */
  | { type: 'failed'; effect: Effect; reason: string; again?: boolean }
  /** Time has passed: deadlines are looked at. */
  | { type: 'time' }
  /** The process was restarted. */
  | { type: 'resumed' }
  | { type: 'host_down'; hostname: string }
  | { type: 'abort'; reason: string };

export interface EffectResult {
  /** `move`: the instance does not exist any more. */
  gone?: boolean;
  /** `check_empty`: what is still there. */
  instanceIds?: string[];
}
