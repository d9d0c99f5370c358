import type { Notification } from '@nfv-doctor/core/plugin-api';
import type { InstanceAction } from './fault-record.js';

/** Publisher of the notifications that the inspector sends itself; its own ones are not heeded. */
export const PUBLISHER = 'doctor.inspector';

/** What Nova will say of the instance, said at once. */
export function instanceEvent(
  faultId: string,
  hostname: string,
  instance: InstanceAction,
  state: 'error' | 'active',
  index: number,
  now: number,
): Notification {
  return {
    messageId: messageId(faultId, state, index),
    publisherId: PUBLISHER,
    eventType: 'compute.instance.update',
    priority: 'INFO',
    timestamp: new Date(now).toISOString(),
    payload: {
      tenant_id: instance.projectId,
      project_id: instance.projectId,
      instance_id: instance.id,
      resource_id: instance.id,
      display_name: instance.name,
      host: hostname,
      state,
      old_state: state === 'error' ? instance.before : 'error',
      state_description: '',
      old_task_state: null,
      new_task_state: null,
      service: PUBLISHER,
      doctor_fault_id: faultId,
    },
  };
}

/** The same for the same fault and instance, so that one sent again after a restart is recognised as a duplicate. */
function messageId(faultId: string, state: 'error' | 'active', index: number): string {
  const tail = (index + (state === 'error' ? 0 : 0x800000000000)).toString(16).padStart(12, '0');
  return `${faultId.slice(0, -12)}${tail}`;
}
