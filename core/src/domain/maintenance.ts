import { type Static, Type } from '@sinclair/typebox';

/** States of a maintenance session, as projects and administrators see them. */
export const MAINTENANCE_STATES = [
  'MAINTENANCE',
  'DOWN_SCALE',
  'PREPARE_MAINTENANCE',
  'START_MAINTENANCE',
  'PLANNED_MAINTENANCE',
  'ADMIN_ACTION_DONE',
  'MAINTENANCE_COMPLETE',
  'MAINTENANCE_DONE',
  'MAINTENANCE_FAILED',
] as const;
export type MaintenanceState = (typeof MAINTENANCE_STATES)[number];

/** Fenix's words for Doctor's states; everything accepts both. */
export const FENIX_STATES: Readonly<Partial<Record<MaintenanceState, string>>> = {
  DOWN_SCALE: 'SCALE_IN',
  ADMIN_ACTION_DONE: 'INSTANCE_ACTION_DONE',
};

/** States of a host, in `maintenance.host` messages. */
export const HOST_MAINTENANCE_STATES = ['IN_MAINTENANCE', 'MAINTENANCE_COMPLETE'] as const;
export type HostMaintenanceState = (typeof HOST_MAINTENANCE_STATES)[number];

/** What may be done with an instance on a host that goes into maintenance. */
export const INSTANCE_ACTIONS = ['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION'] as const;
export type InstanceAction = (typeof INSTANCE_ACTIONS)[number];

/** Event types on the message bus. */
export const MAINTENANCE_SCHEDULED = 'maintenance.scheduled';
export const MAINTENANCE_HOST = 'maintenance.host';

/** Payload of `maintenance.scheduled`: from the Admin tool to the App manager of one project. */
export interface ProjectMessage {
  session_id: string;
  project_id: string;
  state: string;
  /** URL to GET the instances from, or the instance for ADMIN_ACTION_DONE. */
  instance_ids: string;
  /** URL to PUT the answer to. */
  reply_url: string;
  /** UTC; when the action takes place. */
  actions_at: string | null;
  /** UTC; an answer after it is refused. */
  reply_at: string | null;
  allowed_actions: InstanceAction[];
  metadata: Record<string, unknown> | null;
}

/** Payload of `maintenance.host`: from the Admin tool to the Inspector and others who watch hosts. */
export interface HostMessage {
  session_id: string;
  project_id: string;
  host: string;
  state: HostMaintenanceState;
}

/** `POST /maintenance`: the sample admin tool's and Fenix's request for a session. */
export const MaintenanceRequestSchema = Type.Object(
  {
    state: Type.Optional(Type.Literal('MAINTENANCE')),
    /** UTC; with or without a zone, with a blank or a `T`. */
    maintenance_at: Type.String({ minLength: 1, maxLength: 64 }),
    /** Hosts to maintain; absent or empty: all compute hosts. */
    hosts: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { maxItems: 10_000 })),
    metadata: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    workflow: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    /** Names of the action plug-ins to run, in order. */
    actions: Type.Optional(Type.Array(Type.Unknown(), { maxItems: 100 })),
    /** Files to fetch before the work (Fenix). */
    download: Type.Optional(Type.Array(Type.String({ maxLength: 2048 }), { maxItems: 100 })),
    max_parallel_hosts: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    /** What groups of instances demand (sample admin tool), one object each. */
    constraints: Type.Optional(Type.Array(Type.Unknown(), { maxItems: 10_000 })),
  },
  // a limit with a slip in its name would be none
  { $id: 'MaintenanceRequest', additionalProperties: false },
);
export type MaintenanceRequest = Static<typeof MaintenanceRequestSchema>;

/** What an administrator sees of a session. */
export interface MaintenanceSession {
  sessionId: string;
  state: MaintenanceState;
  hosts: { hostname: string; state: 'waiting' | 'emptying' | 'in_maintenance' | 'maintained' | 'failed' }[];
  /** Project id and the state it was last asked about. */
  projects: { projectId: string; state: string; answer?: string }[];
  maintenanceAt: string;
  reason?: string;
}

/** What a session would do, without doing it. */
export interface MaintenancePlan {
  /** Hosts in the order of their maintenance, wave by wave. */
  hosts: string[][];
  /** `prepare`: made to empty a first host; the instance moves again when its new host's turn comes. */
  moves: { instanceId: string; from: string; to: string; wave: number; prepare?: boolean }[];
  /** What projects would have to release before; absent when there is room. */
  scaleIn?: { vcpus: number; memoryMb: number; instances: string[] };
  /** Reasons why it cannot be done as it is; empty when it can. */
  shortages: string[];
  /** Milliseconds, from the configured durations. */
  estimatedMs: number;
}
