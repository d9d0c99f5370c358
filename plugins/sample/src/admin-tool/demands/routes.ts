import { DoctorError, type FastifyInstance, type Static, Type } from '@nfv-doctor/core/plugin-api';
import { type AccessOptions, callerOf, requireProject } from '../access.js';
import type { DemandBook, DemandKind, Demands } from './book.js';
import { GroupDemandSchema, InstanceDemandSchema } from './schema.js';

const Params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 255 }) });
const SCHEMAS = { instance: InstanceDemandSchema, instance_group: GroupDemandSchema } as const;

/** The constraints API of Fenix' workflow `vnf`: what projects demand for their instances and groups of them. */
export function demandRoutes(app: FastifyInstance, book: DemandBook, access: AccessOptions): void {
  for (const kind of ['instance', 'instance_group'] as const) routesOf(app, book, access, kind);
}

function routesOf<K extends DemandKind>(
  app: FastifyInstance,
  book: DemandBook,
  access: AccessOptions,
  kind: K,
): void {
  const path = `/${kind}/:id`;
  type WithId = { Params: Static<typeof Params> };
  const known = async (id: string, headers: Parameters<typeof callerOf>[0]): Promise<Demands[K]> => {
    const caller = await callerOf(headers, access);
    const demand = book.get(kind, id);
    if (!demand) throw new DoctorError('NOT_FOUND', `no constraints are known of ${kind} ${id}`);
    requireProject(caller, demand.project_id);
    return demand;
  };
  app.put<WithId>(
    path,
    { schema: { params: Params, body: SCHEMAS[kind] } },
    async ({ params: { id }, body: given, headers }) => {
      // checked against the schema of its kind
      const body = given as Demands[K];
      const caller = await callerOf(headers, access);
      requireProject(caller, body.project_id);
      const before = book.get(kind, id);
      if (before) requireProject(caller, before.project_id);
      await book.put(kind, id, body);
      // the workflow keeps to the group's limits; times are for the application's answers
      return { ...body, enforced: true };
    },
  );
  app.get<WithId>(path, { schema: { params: Params } }, async ({ params, headers }) =>
    known(params.id, headers),
  );
  app.delete<WithId>(path, { schema: { params: Params } }, async ({ params, headers }) => {
    await known(params.id, headers);
    await book.remove(kind, params.id);
    return {};
  });
}
