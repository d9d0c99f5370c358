import type { InstanceAction } from '@nfv-doctor/core/plugin-api';

/** What one instance bears (ETSI NFV-IFA 011: software resource maintenance constraints). Times in ms. */
export interface InstanceConstraints {
  /** Name of the group it belongs to. */
  readonly group?: string;
  /** Notice it needs: nothing happens to it sooner after the question. */
  readonly leadTimeMs: number;
  /** Longest interruption that it bears; Infinity: any. */
  readonly maxInterruptionMs: number;
  /** How it may be moved, best first. */
  readonly migrationTypes: readonly InstanceAction[];
}

/** What a group of instances bears. Times in ms. */
export interface GroupConstraints {
  readonly name: string;
  /** Members that may be out of service at the same time; Infinity: all. */
  readonly maxImpactedMembers: number;
  /** Between the end of one action on members and the beginning of the next. */
  readonly recoveryTimeMs: number;
  /** No two members on one host. */
  readonly antiAffinity: boolean;
}

/** Which instances a set of constraints is for: all that match everything given. */
export interface InstanceRule extends InstanceConstraints {
  /** With `*` and `?`. */
  readonly namePattern?: string;
  readonly part?: 'redundant' | 'scalable';
}

/** How long an instance is out of service while it is moved, by the way of moving, ms. */
export type Interruptions = Readonly<Record<InstanceAction, number>>;

/** The constraints of the configuration: the first rule that matches counts. */
export interface ConstraintRules {
  readonly instances: readonly InstanceRule[];
  readonly groups: ReadonlyMap<string, GroupConstraints>;
  /** For instances that no rule matches. */
  readonly otherwise: InstanceConstraints;
  readonly interruptions: Interruptions;
}

/** A group with its members of the moment. */
export interface ResolvedGroup extends GroupConstraints {
  readonly members: readonly string[];
}

/** The constraints of the instances that exist. */
export interface Constraints {
  readonly instances: ReadonlyMap<string, InstanceConstraints>;
  readonly groups: readonly ResolvedGroup[];
}
