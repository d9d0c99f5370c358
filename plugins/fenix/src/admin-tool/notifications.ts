import {
  type HostMessage,
  MAINTENANCE_HOST,
  MAINTENANCE_SCHEDULED,
  type Notification,
  type ProjectMessage,
} from '@nfv-doctor/core/plugin-api';

export const EVENT_TYPES = [MAINTENANCE_SCHEDULED, MAINTENANCE_HOST];

/** What Fenix tells on the message bus, in Doctor's form; undefined: somebody else's, or broken. */
export function readNotification({
  eventType,
  payload,
}: Notification): { project: ProjectMessage } | { host: HostMessage } | undefined {
  const text = (key: string) => (typeof payload[key] === 'string' ? payload[key] : undefined);
  const [session_id, project_id, state] = ['session_id', 'project_id', 'state'].map(text);
  if (session_id === undefined || project_id === undefined || state === undefined) return undefined;
  if (eventType === MAINTENANCE_HOST) {
    const host = text('host');
    if (host === undefined || (state !== 'IN_MAINTENANCE' && state !== 'MAINTENANCE_COMPLETE'))
      return undefined;
    return { host: { session_id, project_id, host, state } };
  }
  const { instance_ids, allowed_actions, metadata } = payload;
  // of a done action Fenix sends a list of one
  const instances = Array.isArray(instance_ids) ? String(instance_ids[0] ?? '') : String(instance_ids ?? '');
  return {
    project: {
      session_id,
      project_id,
      state,
      instance_ids: instances,
      reply_url: text('reply_url') ?? '',
      actions_at: text('actions_at') ?? null,
      // in the past, where Fenix has subtracted what it had to add: no deadline
      reply_at: text('reply_at') ?? null,
      allowed_actions: (Array.isArray(allowed_actions)
        ? allowed_actions
        : []) as ProjectMessage['allowed_actions'],
      metadata: typeof metadata === 'object' ? (metadata as Record<string, unknown> | null) : null,
    },
  };
}
