import type { Notification } from '../../domain/notification.js';
import type { StateChange } from './checker/index.js';

type InstanceChange = Omit<Extract<StateChange, { kind: 'instance' }>, 'at'>;

const BY_VM_STATE: Record<string, string> = {
  active: 'ACTIVE',
  building: 'BUILD',
  deleted: 'DELETED',
  'soft-delete': 'DELETED',
  error: 'ERROR',
  paused: 'PAUSED',
  resized: 'VERIFY_RESIZE',
  stopped: 'SHUTOFF',
  suspended: 'SUSPENDED',
};

/** As Nova's API makes the status of the state and the task of an instance. */
export function novaStatus(state: string, task: string): string {
  if (state === 'active' && task.startsWith('resize_')) return 'RESIZE';
  if (state === 'active' && task === 'migrating') return 'MIGRATING';
  if (state === 'active' && task.startsWith('reboot')) return 'REBOOT';
  if (state === 'active' && task.startsWith('rebuild')) return 'REBUILD';
  return BY_VM_STATE[state] ?? state.toUpperCase();
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What `compute.instance.update` (Nova's unversioned notification) says of an instance; undefined for other events. */
export function instanceChange({ eventType, payload }: Notification): InstanceChange | undefined {
  if (eventType !== 'compute.instance.update') return undefined;
  const id = text(payload['instance_id']);
  const state = text(payload['state']);
  if (id === '' || state === '') return undefined;
  const task = text(payload['new_task_state']) || text(payload['state_description']);
  const hostname = text(payload['host']) || text(payload['node']);
  const status = novaStatus(state, task);
  return {
    kind: 'instance',
    id,
    projectId: text(payload['tenant_id']),
    status,
    hostname: status === 'DELETED' || hostname === '' ? null : hostname,
  };
}
