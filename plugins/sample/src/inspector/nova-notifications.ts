import type { Notification } from '@nfv-doctor/core/plugin-api';
import type { InstanceChange } from './resource-map.js';
import { parseTime } from './time.js';

/** Event types that the map needs: Nova's unversioned, its versioned ones, and nova-compute services. */
export const NOVA_EVENT_TYPES = ['compute.instance.*', 'instance.*', 'service.*'] as const;

/**
 * Only these tell the truth about an instance's host. Others are sent by the host that an instance leaves, after it left
 * (`live_migration._post.end`), or before the move is written (`rebuild.end` of an evacuation).
 */
const TELLING = new Set([
  'compute.instance.update',
  'compute.instance.create.end',
  'compute.instance.delete.end',
  'compute.instance.finish_resize.end',
  'compute.instance.resize.revert.end',
  'compute.instance.live_migration.post.dest.end',
  'instance.update',
  'instance.create.end',
  'instance.delete.end',
  'instance.resize_finish.end',
  'instance.resize_revert.end',
  'instance.live_migration_post_dest.end',
]);

type Payload = Record<string, unknown>;
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The fields of a payload, out of Nova's versioned wrapping when it has one. */
function fields(payload: Payload): Payload {
  const data = payload['nova_object.data'];
  return typeof data === 'object' && data !== null ? (data as Payload) : payload;
}

/** What a notification tells about an instance; undefined when it tells nothing the map needs. */
export function instanceChange(notification: Notification): InstanceChange | undefined {
  if (!TELLING.has(notification.eventType)) return undefined;
  const data = fields(notification.payload);
  const id = text(data.instance_id) ?? text(data.uuid);
  if (!id) return undefined;
  const state = text(data.state)?.toLowerCase();
  const change: InstanceChange = {
    id,
    deleted: state === 'deleted' || notification.eventType.endsWith('.delete.end'),
    at: parseTime(notification.timestamp) ?? 0,
    publisher: notification.publisherId,
  };
  if (state) change.state = state;
  const projectId = text(data.tenant_id) ?? text(data.project_id);
  if (projectId) change.projectId = projectId;
  const name = text(data.display_name);
  if (name !== undefined) change.name = name;
  // null: unscheduled; absent: not told
  if (data.host !== undefined) change.hostname = text(data.host) ?? '';
  return change;
}

/** A nova-compute service that appeared, went, or was forced down or up. */
export interface ServiceChange {
  hostname: string;
  deleted: boolean;
  forcedDown: boolean;
}
export function serviceChange(notification: Notification): ServiceChange | undefined {
  if (!/^service\.(create|update|delete)$/.test(notification.eventType)) return undefined;
  const data = fields(notification.payload);
  const hostname = text(data.host);
  if (!hostname || data.binary !== 'nova-compute') return undefined;
  return {
    hostname,
    deleted: notification.eventType === 'service.delete',
    forcedDown: data.forced_down === true,
  };
}
