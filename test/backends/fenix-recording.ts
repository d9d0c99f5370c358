import type { Exchange } from './recorded.js';

/** A notification of the recorded Fenix. */
export interface RecordedNotification {
  at: string;
  body: { publisher_id: string; event_type: string; priority: string; payload: Record<string, unknown> };
}

/** The cloud at one moment of a recording. */
export interface RecordedState {
  services: { host: string; status: string; disabled_reason: string | null }[];
  servers: { id: string; name: string; host: string; status: string }[];
}

type Timed = Exchange & { at: string };

/** One whole session. */
export interface SessionRecording {
  timeline: { t: number; state: string }[];
  admin_api: Timed[];
  app_manager_api: Timed[];
  notifications: RecordedNotification[];
  cloud_before: RecordedState;
  cloud_at_end_of_workflow: RecordedState;
}

/** The exchange with its `maintenance_at` as far ahead as it was then, at most `atMostMs`. */
export function inTime<T extends Exchange & { at?: string }>(
  exchange: T,
  atMostMs = Number.POSITIVE_INFINITY,
): T {
  const body = exchange.request.body as { maintenance_at?: unknown } | null;
  const text = typeof exchange.request.body === 'string' ? exchange.request.body : JSON.stringify(body);
  const found = /"maintenance_at": ?"(\d{4}-\d\d-\d\d)([T ])(\d\d:\d\d:\d\d)"/.exec(text ?? '');
  if (!found || exchange.at === undefined) return exchange;
  const [whole, day, separator, time] = found;
  const ahead = Date.parse(`${day}T${time}Z`) - Date.parse(exchange.at);
  if (ahead < 0) return exchange;
  const moved = new Date(Date.now() + Math.min(ahead, atMostMs) + 999).toISOString().slice(0, 19);
  const changed = (text as string).replace(
    whole,
    `"maintenance_at": "${moved.replace('T', separator as string)}"`,
  );
  const isText = typeof exchange.request.body === 'string';
  return { ...exchange, request: { ...exchange.request, body: isText ? changed : JSON.parse(changed) } };
}
