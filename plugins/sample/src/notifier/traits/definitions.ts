/** How a trait is taken from a notification. `source`: path in the payload. */
export interface TraitDefinition {
  name: string;
  source: string;
  type: 'text' | 'int' | 'float' | 'datetime';
}

const define = (type: TraitDefinition['type'], names: string): TraitDefinition[] =>
  names
    .trim()
    .split(/\s+/)
    .map((each) => {
      const [name = '', source = name] = each.split('=');
      return { name, source, type };
    });

/**
 * Ceilometer's definition of `compute.instance.*`, in the order of its events: what an alarm's query may name on a cloud with Aodh.
 * `host` (the publisher's) is taken from the publisher id.
 */
export const INSTANCE_TRAITS: readonly TraitDefinition[] = [
  ...define(
    'text',
    'tenant_id user_id instance_id display_name resource_id=instance_id cell_name host=:host',
  ),
  ...define('int', 'memory_mb disk_gb root_gb ephemeral_gb vcpus'),
  ...define('text', 'instance_type_id instance_type state'),
  ...define('datetime', 'launched_at deleted_at'),
  ...define('text', 'old_state'),
  // not in Ceilometer's: the compute host, which its `host` is not, and what else consumers ask for
  ...define('text', 'compute_host=host availability_zone old_task_state new_task_state doctor_fault_id'),
];

/** The test bed's (and Fenix' own) definitions of the maintenance messages. */
export const MAINTENANCE_SCHEDULED_TRAITS: readonly TraitDefinition[] = [
  ...define('text', 'allowed_actions instance_ids reply_url state session_id metadata'),
  ...define('datetime', 'actions_at reply_at'),
];
export const MAINTENANCE_HOST_TRAITS: readonly TraitDefinition[] = define('text', 'host state session_id');

/** The definitions for an event type; undefined: every scalar member of the payload is a trait. */
export function definitionsFor(eventType: string): readonly TraitDefinition[] | undefined {
  if (eventType.startsWith('compute.instance.')) return INSTANCE_TRAITS;
  if (eventType === 'maintenance.scheduled') return MAINTENANCE_SCHEDULED_TRAITS;
  if (eventType === 'maintenance.host') return MAINTENANCE_HOST_TRAITS;
  return undefined;
}
