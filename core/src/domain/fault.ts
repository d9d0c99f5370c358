import { type Static, Type } from '@sinclair/typebox';

/** Severities in rising order, as in the Doctor requirements (and Aodh's, where `moderate` is the middle). */
export const SEVERITIES = ['low', 'moderate', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];
export const SeveritySchema = Type.Union(SEVERITIES.map((severity) => Type.Literal(severity)));

/** Kinds of raw faults that a Monitor reports; `compute.host.up` withdraws `compute.host.down`. */
export const FAULT_EVENT_TYPES = [
  'compute.host.down',
  'compute.host.up',
  'compute.host.nic.down',
  'compute.host.nic.up',
] as const;
export type FaultEventType = (typeof FAULT_EVENT_TYPES)[number];

/**
 * An event on Doctor's southbound interface, from a Monitor to the Inspector
 * (`PUT /events` of the sample inspector, the rows of Congress' `doctor` data source, Vitrage's `POST /v1/event`).
 */
export const FaultEventSchema = Type.Object(
  {
    /** When the monitor saw it: ISO 8601, with or without a zone (none means UTC). */
    time: Type.String({ minLength: 1, maxLength: 64 }),
    type: Type.String({ minLength: 1, maxLength: 255 }),
    details: Type.Object(
      {
        /** The compute host as Nova names it. */
        hostname: Type.String({ minLength: 1, maxLength: 255 }),
        status: Type.Union([Type.Literal('down'), Type.Literal('up')]),
        /** Who reports: the monitor's type. */
        monitor: Type.String({ minLength: 1, maxLength: 255 }),
        /** Unique per event and monitor: the same id twice is a duplicate. */
        monitor_event_id: Type.String({ minLength: 1, maxLength: 255 }),
        severity: Type.Optional(SeveritySchema),
        cause: Type.Optional(Type.String({ maxLength: 4096 })),
      },
      { additionalProperties: true },
    ),
  },
  { $id: 'FaultEvent', additionalProperties: true },
);
export type FaultEvent = Static<typeof FaultEventSchema>;

/** Evidence: what was seen, when, and which rule decided. */
export interface Evidence {
  /** Monotonic stamp in ms of the process that decided. */
  at: number;
  /** ISO 8601. */
  time: string;
  /** e.g. `declared_down`, `suppressed`, `duplicate`, `stale`, `cleared`, `action_failed`. */
  verdict: string;
  /** The rule that decided, e.g. `misses>=1 on all planes`. */
  rule: string;
  /** What was seen. */
  seen: Record<string, unknown>;
}

/** A fault that is active, or was, with what Doctor did about it. */
export interface ActiveFault {
  /** Id of this fault in every log line, event, header and report. */
  faultId: string;
  resource: string;
  resourceType: 'host' | 'instance';
  type: string;
  severity: Severity;
  /** ISO 8601. */
  raisedAt: string;
  clearedAt?: string;
  state: 'active' | 'suppressed' | 'cleared';
  cause?: string;
  /** Instances found on the host when the fault was handled. */
  affectedInstances: string[];
  /** Actions that failed for good, e.g. `reset-state of <id>: ...`. */
  failures: string[];
  evidence: Evidence[];
}

/** FaultQuery of the Doctor requirements: all given conditions must hold. */
export interface FaultQuery {
  /** Host name or instance id. */
  resource?: string;
  type?: string;
  minimumSeverity?: Severity;
  /** ISO 8601, inclusive. */
  from?: string;
  to?: string;
  /** Cleared and suppressed faults too; default false. */
  includeCleared?: boolean;
}
