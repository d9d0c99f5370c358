import { type FastifyInstance, type Static, Type } from '@nfv-doctor/core/plugin-api';
import type { Caller } from '../alarms/alarm-book.js';
import type { NotificationRow } from '../persistence/schema.js';
import type { SampleNotifier } from '../sample-notifier.js';

const Query = Type.Object({
  status: Type.Optional(
    Type.Union([Type.Literal('pending'), Type.Literal('delivered'), Type.Literal('undelivered')]),
  ),
  alarm_id: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
});

const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

const shown = (row: NotificationRow) => ({
  id: row.id,
  alarm_id: row.alarm_id,
  project_id: row.project_id,
  url: row.url,
  status: row.status,
  attempts: row.attempts,
  created_at: iso(row.created_at),
  finished_at: iso(row.finished_at),
  last_error: row.last_error,
  replay_of: row.replay_of,
  body: JSON.parse(row.body) as unknown,
});

/** What is owed, was delivered, or was given up; and sending it again. */
export function notificationRoutes(
  app: FastifyInstance,
  notifier: SampleNotifier,
  callerOf: (headers: Record<string, string | string[] | undefined>) => Promise<Caller>,
): void {
  app.get('/v1/notifications', { schema: { querystring: Query } }, async (request) => {
    const { status, alarm_id: alarmId, limit = 100 } = request.query as Static<typeof Query>;
    const caller = await callerOf(request.headers);
    const rows = await notifier.stored().notifications({
      limit,
      ...(caller.admin ? {} : { projectId: caller.projectId }),
      ...(alarmId === undefined ? {} : { alarmId }),
      ...(status === undefined ? {} : { status }),
    });
    return { notifications: rows.map(shown) };
  });
  app.post('/v1/notifications/:id/replay', async (request, reply) => {
    const { id } = request.params as { id: string };
    return reply.code(202).send(shown(await notifier.replay(id, await callerOf(request.headers))));
  });
}
