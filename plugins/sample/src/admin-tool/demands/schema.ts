import { type Static, Type } from '@nfv-doctor/core/plugin-api';

const open = { additionalProperties: true };
const Id = Type.String({ minLength: 1, maxLength: 255 });
const seconds = Type.Integer({ minimum: 0 });

/** `PUT /instance/{id}`, in the form of Fenix' workflow `vnf`. What the workflow does not use is kept and given back. */
export const InstanceDemandSchema = Type.Object(
  {
    instance_id: Type.Optional(Id),
    project_id: Id,
    group_id: Id,
    instance_name: Type.Optional(Type.String({ maxLength: 255 })),
    max_interruption_time: Type.Optional(seconds),
    migration_type: Type.Optional(Type.String({ maxLength: 64 })),
    lead_time: Type.Optional(seconds),
    resource_mitigation: Type.Optional(Type.Boolean()),
  },
  { $id: 'InstanceConstraints', ...open },
);
export type InstanceDemand = Static<typeof InstanceDemandSchema>;

/** `PUT /instance_group/{id}`. */
export const GroupDemandSchema = Type.Object(
  {
    group_id: Type.Optional(Id),
    project_id: Id,
    group_name: Type.Optional(Type.String({ maxLength: 255 })),
    anti_affinity_group: Type.Optional(Type.Boolean()),
    max_instances_per_host: Type.Optional(Type.Integer({ minimum: 0 })),
    /** Members that may be touched at the same time. */
    max_impacted_members: Type.Integer({ minimum: 1 }),
    recovery_time: Type.Optional(seconds),
    resource_mitigation: Type.Optional(Type.Boolean()),
  },
  { $id: 'InstanceGroupConstraints', ...open },
);
export type GroupDemand = Static<typeof GroupDemandSchema>;
