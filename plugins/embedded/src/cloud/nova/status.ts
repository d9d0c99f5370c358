import type { Server, TaskState, VmState } from './model.js';

const DEFAULT: Record<VmState, string> = {
  building: 'BUILD',
  active: 'ACTIVE',
  stopped: 'SHUTOFF',
  paused: 'PAUSED',
  resized: 'VERIFY_RESIZE',
  error: 'ERROR',
  deleted: 'DELETED',
};

const RESIZING = new Set<TaskState>(['resize_prep', 'resize_migrating', 'resize_migrated', 'resize_finish']);
const REBUILDING = new Set<TaskState>(['rebuilding', 'rebuild_spawning']);

/** The status that the API shows, from Nova's two inner states. */
export function statusOf({ vmState, taskState }: Pick<Server, 'vmState' | 'taskState'>): string {
  if (taskState === null) return DEFAULT[vmState];
  const running = vmState === 'active';
  if (RESIZING.has(taskState) && (running || vmState === 'stopped')) return 'RESIZE';
  if (REBUILDING.has(taskState) && vmState !== 'building') return 'REBUILD';
  if (taskState === 'migrating' && (running || vmState === 'paused')) return 'MIGRATING';
  if (taskState === 'rebooting' && running) return 'REBOOT';
  if (taskState === 'rebooting_hard' && running) return 'HARD_REBOOT';
  if (taskState === 'resize_reverting' && vmState === 'resized') return 'REVERT_RESIZE';
  return DEFAULT[vmState];
}

/** States in which the API shows `progress`. */
export const PROGRESS_STATES = new Set([
  'ACTIVE',
  'BUILD',
  'DELETED',
  'MIGRATING',
  'PASSWORD',
  'REBUILD',
  'RESIZE',
  'REVERT_RESIZE',
  'VERIFY_RESIZE',
]);
