import { createHash } from 'node:crypto';
import {
  formatUtc,
  type HostMessage,
  MAINTENANCE_HOST,
  MAINTENANCE_SCHEDULED,
  maintenanceWord,
  type Notification,
  type ProjectMessage,
  type Vocabulary,
} from '@nfv-doctor/core/plugin-api';
import type { OutgoingMessage, SessionState } from '../session.js';

/** The same message has the same id, however often it is sent. */
export function messageId(sessionId: string, key: string): string {
  const hex = createHash('sha256').update(`${sessionId}/${key}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** `maintenance.scheduled` as the original Doctor and Fenix send it. */
export function projectMessage(
  { sessionId, options }: Pick<SessionState, 'sessionId' | 'options'>,
  message: OutgoingMessage,
  { baseUrl, vocabulary }: { baseUrl: URL; vocabulary: Vocabulary },
): ProjectMessage {
  const { projectId, state, step, instanceId, actionsAt, replyAt, allowedActions } = message;
  const url = new URL(`maintenance/${sessionId}/${encodeURIComponent(projectId)}`, baseUrl);
  const replyUrl = new URL(url);
  // an answer that went astray is told from the answer to this question
  replyUrl.searchParams.set('step', String(step));
  return {
    session_id: sessionId,
    project_id: projectId,
    state: maintenanceWord(state, vocabulary),
    instance_ids: instanceId ?? url.href,
    reply_url: replyUrl.href,
    actions_at: actionsAt === undefined ? null : formatUtc(actionsAt),
    reply_at: replyAt === undefined ? null : formatUtc(replyAt),
    allowed_actions: allowedActions,
    metadata: instanceId === undefined ? options.metadata : null,
  };
}

const envelope = (messageId: string, eventType: string, payload: object, now: number): Notification => ({
  messageId,
  publisherId: 'admin_tool',
  eventType,
  priority: 'INFO',
  payload: payload as Record<string, unknown>,
  timestamp: new Date(now).toISOString().replace('T', ' ').replace('Z', ''),
});

export const projectNotification = (id: string, payload: ProjectMessage, now: number): Notification =>
  envelope(id, MAINTENANCE_SCHEDULED, payload, now);

export const hostNotification = (id: string, payload: HostMessage, now: number): Notification =>
  envelope(id, MAINTENANCE_HOST, payload, now);
