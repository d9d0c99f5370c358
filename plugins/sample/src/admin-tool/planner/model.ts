/** What the planner knows of a host: its size and whether it takes part. */
export interface PlanHost {
  hostname: string;
  /** Capacity for instances, overcommit included. */
  vcpus: number;
  memoryMb: number;
  /** Whether instances may be moved to it: up, enabled (or disabled by this session only), not another session's. */
  usable: boolean;
  /** Still to be maintained by this session. */
  pending: boolean;
}

export interface PlanInstance {
  id: string;
  projectId: string;
  hostname: string;
  vcpus: number;
  memoryMb: number;
  /** Its project was asked to subscribe and did, and the instance is in no redundancy group: may be scaled in. */
  scalable: boolean;
}

/** Instances that belong together (Nova's server groups, or constraints given with the session). */
export interface PlanGroup {
  id: string;
  /** Two members on one host: never (`apart`), always (`together`), or as it comes (`free`). */
  placement: 'apart' | 'together' | 'free';
  members: readonly string[];
  /** Members that may be touched at the same time. */
  maxImpacted: number;
  /** Its members may be scaled in although it limits how many are touched. */
  elastic?: boolean;
}

/** Room on a host that is promised to something else (a move of another session). */
export interface Claim {
  hostname: string;
  vcpus: number;
  memoryMb: number;
}

/** Everything the planner looks at; it does no I/O and remembers nothing. */
export interface PlanInput {
  hosts: readonly PlanHost[];
  instances: readonly PlanInstance[];
  groups: readonly PlanGroup[];
  claims: readonly Claim[];
  maxParallelHosts: number;
}

export interface PlannedMove {
  instanceId: string;
  projectId: string;
  from: string;
  to: string;
}

/** Hosts that are maintained, or (`prepare`) only emptied, side by side. */
export interface PlannedWave {
  kind: 'wave';
  /** The hosts are emptied onto hosts that are still to be maintained; they are maintained in a later wave. */
  prepare: boolean;
  hosts: string[];
  moves: PlannedMove[];
}

/** No host can be emptied: so much room is missing. */
export interface Shortage {
  kind: 'shortage';
  /** The host that is nearest to being emptied. */
  hostname: string;
  vcpus: number;
  memoryMb: number;
  /** Instances whose removal helps most: those on `hostname` that may be scaled in, then others. */
  preferred: string[];
  /** Why, for people. */
  reason: string;
}

export type NextStep = { kind: 'done' } | PlannedWave | Shortage;
