import { randomUUID } from 'node:crypto';
import type { ActiveFault, Clock, Evidence, Port } from '@nfv-doctor/core/plugin-api';
import type { CheckedEvent } from './events.js';

/**
 * How far the handling of a fault is. `raising` and `clearing` are gone through again after a restart:
 * their actions are idempotent.
 */
export type Phase = 'held' | 'raising' | 'raised' | 'clearing' | 'cleared';
/** Why a fault is not acted upon, for now. */
export type HoldReason = 'maintenance' | 'storm' | 'unconfirmed';

/** `unknown`: withdrawn or interrupted before an answer came. */
export type Outcome = 'done' | 'failed' | 'gone' | 'unknown';

export interface HostAction {
  /** Somebody else had forced it down before: not taken back. */
  forcedBefore: boolean;
  outcome: Outcome;
  reverted: boolean;
}
export interface InstanceAction {
  id: string;
  name: string;
  projectId: string;
  /** vm_state before the fault: what was in error before is not set active. */
  before: string;
  outcome: Outcome;
  reverted: boolean;
}
export interface PortAction {
  id: string;
  instanceId: string;
  before: Port['dataPlaneStatus'];
  reverted: boolean;
}

/** A fault with what was done about it: enough to take it back, also after a restart. */
export interface FaultRecord {
  fault: ActiveFault;
  phase: Phase;
  hold?: HoldReason;
  /** Monitors that say down. */
  monitors: string[];
  /** Time of the last event that was heeded, ms since the epoch. */
  lastEventAt: number;
  host?: HostAction;
  instances: InstanceAction[];
  ports: PortAction[];
}

export function newRecord(event: CheckedEvent, clock: Clock): FaultRecord {
  const cause = event.event.details.cause;
  const record: FaultRecord = {
    fault: {
      faultId: randomUUID(),
      resource: event.hostname,
      resourceType: 'host',
      type: event.type,
      severity: event.severity,
      raisedAt: new Date(event.at).toISOString(),
      state: 'active',
      affectedInstances: [],
      failures: [],
      evidence: [],
    },
    phase: 'raising',
    monitors: [event.monitor],
    lastEventAt: event.at,
    instances: [],
    ports: [],
  };
  if (cause !== undefined) record.fault.cause = cause;
  addEvidence(record, clock, 'declared_down', `${event.type} from ${event.monitor}`, seen(event));
  return record;
}

/** What an event showed, without what the record says anyway. */
export function seen(event: CheckedEvent): Record<string, unknown> {
  return { time: event.event.time, ...event.event.details };
}

/** The first ones tell how it began, the last ones how it stands: the middle is dropped. */
const MAX_EVIDENCE = 100;
const KEPT_FIRST = 20;

export function addEvidence(
  { fault }: FaultRecord,
  clock: Clock,
  verdict: string,
  rule: string,
  what: Record<string, unknown>,
): void {
  const evidence: Evidence = {
    at: clock.monotonic(),
    time: new Date(clock.now()).toISOString(),
    verdict,
    rule,
    seen: what,
  };
  fault.evidence.push(evidence);
  if (fault.evidence.length > MAX_EVIDENCE) fault.evidence.splice(KEPT_FIRST, 1);
}
