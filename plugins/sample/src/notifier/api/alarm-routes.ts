import {
  type AlarmRequest,
  AlarmRequestSchema,
  type AlarmState,
  AlarmStateSchema,
  DoctorError,
  type FastifyInstance,
  Type,
} from '@nfv-doctor/core/plugin-api';
import type { SampleNotifier } from '../sample-notifier.js';
import { selectAlarms } from './alarm-list.js';
import type { Callers } from './callers.js';

const Params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 255 }) });
const HISTORY_LIMIT = 1000;

/** Aodh's `/v2/alarms`. */
export function alarmRoutes(app: FastifyInstance, notifier: SampleNotifier, callers: Callers): void {
  const { book } = notifier;
  const { of: callerOf } = callers;
  const schema = { params: Params };

  app.get('/', async () => ({
    versions: {
      values: [
        { id: 'v2', status: 'stable', links: [{ href: `${notifier.endpoint?.href ?? ''}v2`, rel: 'self' }] },
      ],
    },
  }));
  app.get('/v2/alarms', async (request) =>
    selectAlarms(
      book.list(await callerOf(request.headers)),
      request.query as Record<string, string | string[]>,
    ),
  );
  app.post('/v2/alarms', { schema: { body: AlarmRequestSchema } }, async (request, reply) => {
    const body = request.body as AlarmRequest;
    const caller = await (body.project_id ? callerOf(request.headers) : callers.creator(request.headers));
    const alarm = await notifier.create(body, caller);
    return reply
      .code(201)
      .header('location', `${notifier.endpoint?.origin ?? ''}/v2/alarms/${alarm.alarm_id}`)
      .send(alarm);
  });
  app.get(
    '/v2/alarms/:id',
    { schema },
    async (request) => book.get(idOf(request), await callerOf(request.headers)).alarm,
  );
  app.put('/v2/alarms/:id', { schema: { ...schema, body: AlarmRequestSchema } }, async (request) => {
    const body = request.body as AlarmRequest & { alarm_id?: string };
    if (body.alarm_id !== undefined && body.alarm_id !== idOf(request))
      throw new DoctorError('INPUT_INVALID', 'alarm_id differs from the one in the path', {
        details: { field: 'alarm_id' },
      });
    return notifier.replace(idOf(request), body, await callerOf(request.headers));
  });
  app.delete('/v2/alarms/:id', { schema }, async (request, reply) => {
    await notifier.delete(idOf(request), await callerOf(request.headers));
    return reply.code(204).send();
  });
  // a JSON text, which Fastify would send as it is, without its quotes
  app.get('/v2/alarms/:id/state', { schema }, async (request, reply) => {
    const { alarm } = book.get(idOf(request), await callerOf(request.headers));
    return reply.type('application/json').send(JSON.stringify(alarm.state));
  });
  app.put(
    '/v2/alarms/:id/state',
    { schema: { ...schema, body: AlarmStateSchema } },
    async (request, reply) => {
      await notifier.setState(idOf(request), request.body as AlarmState, await callerOf(request.headers));
      return reply.type('application/json').send(JSON.stringify(request.body));
    },
  );
  app.get('/v2/alarms/:id/history', { schema }, async (request) => {
    const caller = await callerOf(request.headers);
    const { alarm } = book.get(idOf(request), caller);
    const rows = await notifier.stored().history(alarm.alarm_id, HISTORY_LIMIT);
    return rows.map((row) => ({ ...row, on_behalf_of: alarm.project_id }));
  });
}

const idOf = (request: { params: unknown }): string => (request.params as { id: string }).id;
