type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const dataOf = (value: unknown): Json => {
  const data = isObject(value) ? value['nova_object.data'] : undefined;
  return isObject(data) ? data : {};
};

/** Whether the payload is one of Nova's versioned notifications. */
export const isVersioned = (payload: Json): boolean => 'nova_object.data' in payload;

/** `instance.update` and its payload in the words of `compute.instance.update`, so that one alarm fits both. */
export function unversioned(eventType: string, payload: Json): { eventType: string; payload: Json } {
  const data = dataOf(payload);
  const flavor = dataOf(data.flavor);
  const update = dataOf(data.state_update);
  return {
    eventType: eventType.startsWith('instance.') ? `compute.${eventType}` : eventType,
    payload: {
      ...data,
      ...update,
      instance_id: data.uuid,
      instance_type: flavor.name,
      instance_type_id: flavor.flavorid,
      memory_mb: flavor.memory_mb,
      root_gb: flavor.root_gb,
      ephemeral_gb: flavor.ephemeral_gb,
      vcpus: flavor.vcpus,
    },
  };
}
