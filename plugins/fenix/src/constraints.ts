import { type Static, Type } from '@nfv-doctor/core/plugin-api';

const open = { additionalProperties: true };
const seconds = Type.Integer({ minimum: 0 });

/** What an instance bears, for Fenix' workflow `vnf` (ETSI NFV-IFA 011). Times in seconds. */
export const InstanceConstraintsSchema = Type.Object(
  {
    project_id: Type.String(),
    group_id: Type.String(),
    instance_name: Type.String(),
    /** Longest interruption that it bears. */
    max_interruption_time: seconds,
    /** MIGRATE, LIVE_MIGRATE or OWN_ACTION. */
    migration_type: Type.String(),
    /** Whether resources for a reaction are to be reserved. */
    resource_mitigation: Type.Boolean(),
    /** How long before an action it wants to know. */
    lead_time: seconds,
  },
  open,
);
export type InstanceConstraints = Static<typeof InstanceConstraintsSchema>;

/** What a group of instances bears. Times in seconds. */
export const GroupConstraintsSchema = Type.Object(
  {
    project_id: Type.String(),
    group_name: Type.String(),
    anti_affinity_group: Type.Boolean(),
    max_instances_per_host: Type.Integer({ minimum: 0 }),
    /** Members that may be out of work at once. */
    max_impacted_members: Type.Integer({ minimum: 1 }),
    /** Between two actions on members. */
    recovery_time: seconds,
    resource_mitigation: Type.Boolean(),
  },
  open,
);
export type GroupConstraints = Static<typeof GroupConstraintsSchema>;
