import type { ApplicationRecord, AppMessage, MaintenanceState } from '@nfv-doctor/core/plugin-api';
import type { Handed } from '../constraints-api/index.js';
import type { Constraints } from '../constraints/index.js';

/** What the VNF manager remembers of an application, as plain JSON in its record. */
export interface Memory {
  /** Instances that an admin tool was allowed to touch, and has not reported as done: the session. */
  touched: Record<string, string>;
  /** When the last action on members of a group ended, ms since the epoch. */
  actionEndedAt: Record<string, number>;
  /** Constraints that the admin tool has. */
  handed: Handed;
}

/** The memory in the record; made when there is none. */
export function memoryOf(record: ApplicationRecord): Memory {
  const memory = (record.memory ?? {}) as Partial<Memory>;
  memory.touched ??= {};
  memory.actionEndedAt ??= {};
  memory.handed ??= {};
  record.memory = memory as Record<string, unknown>;
  return memory as Memory;
}

/** States that an admin tool reaches only when what it was allowed before is done, or given up. */
const NEXT: ReadonlySet<MaintenanceState> = new Set<MaintenanceState>([
  'DOWN_SCALE',
  'PREPARE_MAINTENANCE',
  'PLANNED_MAINTENANCE',
  'MAINTENANCE_COMPLETE',
  'MAINTENANCE_FAILED',
]);

/** Notes what a message says about actions under way; to hear it again changes nothing. */
export function hear(memory: Memory, message: AppMessage, constraints: Constraints, at: number): void {
  const ended = (id: string) => {
    delete memory.touched[id];
    noteAction(memory, id, constraints, at);
  };
  if (message.state === 'ADMIN_ACTION_DONE') {
    // an action that nobody agreed to impacts the group all the same
    ended(message.instanceIds);
    return;
  }
  if (!NEXT.has(message.state)) return;
  for (const [id, sessionId] of Object.entries(memory.touched))
    if (sessionId === message.sessionId) ended(id);
}

/** An action on an instance has ended. */
export function noteAction(memory: Memory, id: string, { groups }: Constraints, at: number): void {
  for (const { name, members } of groups)
    if (members.includes(id)) memory.actionEndedAt[name] = Math.max(at, memory.actionEndedAt[name] ?? 0);
}
