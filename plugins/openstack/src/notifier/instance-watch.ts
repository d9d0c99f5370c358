import type { AlarmRequest, EventBus, Notification } from '@nfv-doctor/core/plugin-api';

/** Event types in which Nova, or Doctor in its place, tells the state of an instance. */
export const INSTANCE_UPDATE = ['compute.instance.update'];

/**
 * Aodh never sets an event alarm back by itself: this watches the notifications that Aodh sees for instances that leave error,
 * and tells whose alarms are over. Beside that it stamps checkpoint T05; what happens inside Ceilometer and Aodh (T06 to T08)
 * cannot be seen from outside.
 */
export class InstanceWatch {
  readonly #alarms = new Map<string, Set<string>>();
  readonly #inError = new Set<string>();

  constructor(
    private readonly events: EventBus,
    private readonly recovered: (alarmId: string) => void,
  ) {}

  /** An alarm on one instance's state is watched; others are their owner's business. */
  add(alarmId: string, { event_rule: rule }: AlarmRequest): void {
    const value = (field: string) =>
      rule.query?.find((each) => each.field === `traits.${field}` && (each.op ?? 'eq') === 'eq')?.value;
    const instanceId = value('instance_id') ?? value('resource_id');
    if (typeof instanceId !== 'string' || value('state') !== 'error') return;
    const alarms = this.#alarms.get(instanceId) ?? new Set();
    this.#alarms.set(instanceId, alarms.add(alarmId));
  }

  delete(alarmId: string): void {
    for (const [instanceId, alarms] of this.#alarms)
      if (alarms.delete(alarmId) && alarms.size === 0) {
        this.#alarms.delete(instanceId);
        this.#inError.delete(instanceId);
      }
  }

  heed({ payload }: Notification): void {
    const { instance_id: id, state } = payload;
    if (typeof id !== 'string' || typeof state !== 'string') return;
    const alarms = this.#alarms.get(id);
    if (state === 'error') {
      this.events.checkpoint({ name: 'T05', instanceId: id });
      if (alarms) this.#inError.add(id);
      return;
    }
    // told twice in shortcut mode, by Doctor and by Nova
    if (!alarms || !this.#inError.delete(id)) return;
    for (const alarmId of alarms) this.recovered(alarmId);
  }
}
