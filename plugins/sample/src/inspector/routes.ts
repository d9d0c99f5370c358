import {
  type FastifyInstance,
  type FaultQuery,
  type FaultEvent,
  SeveritySchema,
  Type,
} from '@nfv-doctor/core/plugin-api';
import { eventsOfBody } from './events.js';
import type { SampleInspector } from './sample-inspector.js';

const name = Type.String({ minLength: 1, maxLength: 255 });
const QuerySchema = Type.Object(
  {
    resource: Type.Optional(name),
    type: Type.Optional(name),
    minimumSeverity: Type.Optional(SeveritySchema),
    minimum_severity: Type.Optional(SeveritySchema),
    from: Type.Optional(Type.String({ maxLength: 64 })),
    to: Type.Optional(Type.String({ maxLength: 64 })),
    includeCleared: Type.Optional(Type.Boolean()),
    include_cleared: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
type Query = FaultQuery & { minimum_severity?: FaultQuery['minimumSeverity']; include_cleared?: boolean };

/** What OpenAPI shows beside the schemas; Fastify's own types do not know it. */
const told = (
  summary: string,
  schema: Record<string, unknown> = {},
): { schema: Record<string, unknown> } => ({
  schema: { summary, ...schema },
});

/** Doctor's southbound interface, and what operators ask. */
export function addRoutes(app: FastifyInstance, inspector: SampleInspector): void {
  // bodies are checked by hand: these are the hot paths, and all events of a list are checked before one is handled
  const takeEvents = (body: unknown) => inspector.report(eventsOfBody(body) as FaultEvent[]);
  app.put('/events', told('Report fault events (a list)'), ({ body }) => takeEvents(body));
  app.post('/events', told('Report fault events: one, {event} or {events}'), ({ body }) => takeEvents(body));

  app.post(
    '/maintenance',
    told("A host enters or leaves maintenance: Aodh's alarm body or the maintenance.host message"),
    async ({ body }) => ({ accepted: await inspector.maintenanceAlarm(body) }),
  );

  app.get<{ Querystring: Query }>(
    '/faults',
    told('Active faults; all given conditions must hold', { querystring: QuerySchema }),
    async ({ query: { minimum_severity, include_cleared, ...query } }) => ({
      faults: await inspector.faults({
        ...query,
        ...(minimum_severity === undefined ? {} : { minimumSeverity: minimum_severity }),
        ...(include_cleared === undefined ? {} : { includeCleared: include_cleared }),
      }),
    }),
  );
  const byId = { params: Type.Object({ id: name }) };
  app.get<{ Params: { id: string } }>(
    '/faults/:id',
    told('One fault with its evidence', byId),
    ({ params }) => inspector.fault(params.id),
  );
  app.post<{ Params: { id: string } }>(
    '/faults/:id/confirm',
    told('Act upon a fault that is held', byId),
    ({ params }) => inspector.confirm(params.id),
  );

  app.get<{ Params: { host: string } }>(
    '/map/hosts/:host',
    told('Instances on a host, as the map has them', { params: Type.Object({ host: name }) }),
    async ({ params }) => ({
      host: params.host,
      instances: inspector.instancesOn(params.host).map(({ id, name: display, projectId, state }) => ({
        id,
        name: display,
        project_id: projectId,
        state,
      })),
    }),
  );
}
