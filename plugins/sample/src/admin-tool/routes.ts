import {
  type FastifyInstance,
  MaintenanceRequestSchema,
  type MaintenanceSession,
  maintenanceWord,
  type MaintenanceRequest,
  type Static,
  Type,
  type Vocabulary,
} from '@nfv-doctor/core/plugin-api';
import { type AccessOptions, callerOf, requireAdmin, requireProject } from './access.js';
import type { SessionDesk } from './desk.js';

/** Ids that can be none are not looked up. */
const Id = Type.String({ minLength: 1, maxLength: 255 });
const SessionParams = Type.Object({ session: Id });
const ProjectParams = Type.Object({ session: Id, project: Id });
const StepQuery = Type.Object({ step: Type.Optional(Type.Integer({ minimum: 0 })) });

/** `PUT /maintenance/{session}/{project}`: the answer of a project's application. */
const AnswerSchema = Type.Object(
  {
    /** `ACK_<STATE>` or `NACK_<STATE>`. */
    state: Type.String({ minLength: 1, maxLength: 64 }),
    session_id: Type.Optional(Type.String({ maxLength: 255 })),
    instance_ids: Type.Optional(Type.Array(Type.String({ maxLength: 255 }), { maxItems: 100_000 })),
    instance_actions: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 64 }))),
    reason: Type.Optional(Type.String({ maxLength: 4096 })),
  },
  { $id: 'MaintenanceAnswer', additionalProperties: true },
);

const viewOf = ({ sessionId, state, reason, ...rest }: MaintenanceSession, vocabulary: Vocabulary) => ({
  session_id: sessionId,
  state: maintenanceWord(state, vocabulary),
  hosts: rest.hosts,
  projects: rest.projects.map(({ projectId, ...project }) => ({ project_id: projectId, ...project })),
  maintenance_at: rest.maintenanceAt,
  ...(reason === undefined ? {} : { reason }),
});

/** The REST API of the original Doctor's admin tool, with a list and a plan added. */
export function maintenanceRoutes(
  app: FastifyInstance,
  desk: SessionDesk,
  access: AccessOptions,
  vocabulary: Vocabulary,
): void {
  const admin = {
    preHandler: async (request: { headers: Record<string, string | string[] | undefined> }) =>
      requireAdmin(await callerOf(request.headers, access)),
  };

  app.post<{ Body: MaintenanceRequest }>(
    '/maintenance',
    { schema: { body: MaintenanceRequestSchema }, ...admin },
    async ({ body }) => {
      const { sessionId } = await desk.create(body);
      return { session_id: sessionId, state: 'ACK_MAINTENANCE' };
    },
  );
  app.post<{ Body: MaintenanceRequest }>(
    '/maintenance/plan',
    { schema: { body: MaintenanceRequestSchema }, ...admin },
    async ({ body }) => {
      const { scaleIn, estimatedMs, moves, ...plan } = await desk.plan(body);
      return {
        ...plan,
        moves: moves.map(({ instanceId, ...move }) => ({ instance_id: instanceId, ...move })),
        estimated_ms: estimatedMs,
        ...(scaleIn
          ? { scale_in: { vcpus: scaleIn.vcpus, memory_mb: scaleIn.memoryMb, instances: scaleIn.instances } }
          : {}),
      };
    },
  );
  app.get('/maintenance', admin, async () => ({
    sessions: desk.sessions().map((session) => viewOf(session, vocabulary)),
  }));
  app.get<{ Params: Static<typeof SessionParams> }>(
    '/maintenance/:session',
    { schema: { params: SessionParams }, ...admin },
    async ({ params }) => viewOf(desk.session(params.session), vocabulary),
  );
  app.delete<{ Params: Static<typeof SessionParams> }>(
    '/maintenance/:session',
    { schema: { params: SessionParams }, ...admin },
    async ({ params }) => {
      await desk.remove(params.session);
      return {};
    },
  );

  app.get<{ Params: Static<typeof ProjectParams> }>(
    '/maintenance/:session/:project',
    { schema: { params: ProjectParams } },
    async ({ params, headers }) => {
      requireProject(await callerOf(headers, access), params.project);
      const { question, instanceIds } = await desk.project(params.session, params.project);
      const { scaleIn } = question ?? {};
      return {
        instance_ids: instanceIds,
        ...(question ? { state: maintenanceWord(question.state, vocabulary) } : {}),
        // how much room is missing, and whose removal helps most: what the message itself has no place for
        ...(scaleIn
          ? {
              scale_in: {
                vcpus: scaleIn.vcpus,
                memory_mb: scaleIn.memoryMb,
                instance_ids: scaleIn.instanceIds,
              },
            }
          : {}),
      };
    },
  );
  app.put<{
    Params: Static<typeof ProjectParams>;
    Querystring: Static<typeof StepQuery>;
    Body: Static<typeof AnswerSchema>;
  }>(
    '/maintenance/:session/:project',
    { schema: { params: ProjectParams, querystring: StepQuery, body: AnswerSchema } },
    async ({ params, query, body, headers }) => {
      requireProject(await callerOf(headers, access), params.project);
      await desk.answer(params.session, {
        projectId: params.project,
        sessionId: body.session_id,
        state: body.state,
        step: query.step,
        actions: body.instance_actions,
        reason: body.reason,
      });
      return { session_id: params.session, state: body.state };
    },
  );
}
