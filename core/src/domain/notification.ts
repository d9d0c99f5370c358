/**
 * A notification on the VIM's message bus (oslo.messaging's notification without its envelope).
 * Nova's unversioned and versioned ones, Neutron's and Doctor's own have this shape.
 */
export interface Notification {
  messageId: string;
  /** e.g. `compute.compute-1`, `doctor`. */
  publisherId: string;
  /** e.g. `compute.instance.update`, `maintenance.scheduled`. */
  eventType: string;
  /** INFO, ERROR, ... */
  priority: string;
  payload: Record<string, unknown>;
  /** ISO 8601, UTC. */
  timestamp: string;
}

/** A trait as Aodh's alarm body has it: [name, type, value]; types: 1 string, 2 integer, 3 float, 4 datetime. */
export type Trait = [name: string, type: 1 | 2 | 3 | 4, value: string | number];

/** An event as Ceilometer makes it of a notification. */
export interface CloudEvent {
  messageId: string;
  eventType: string;
  /** ISO 8601 without zone, as Ceilometer writes it. */
  generated: string;
  traits: Trait[];
}
