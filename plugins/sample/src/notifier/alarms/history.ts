import { randomUUID } from 'node:crypto';
import type { HistoryRow } from '../persistence/schema.js';
import { pythonTime } from '../time.js';
import type { StoredAlarm } from './compiled-alarm.js';

export type HistoryType = 'creation' | 'rule change' | 'state transition' | 'deletion';

/** An entry of an alarm's history. @param now ms since the epoch */
export const historyRow = (
  alarm: StoredAlarm,
  type: HistoryType,
  detail: unknown,
  now: number,
): HistoryRow => ({
  event_id: randomUUID(),
  alarm_id: alarm.alarm_id,
  type,
  detail: JSON.stringify(detail),
  timestamp: pythonTime(now),
  project_id: alarm.project_id,
  user_id: alarm.user_id,
});
