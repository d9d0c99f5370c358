/** Something that changed in the cloud or in a session, as it was seen from outside. `at`: monotonic ms. */
export type StateChange = { at: number } & (
  | { kind: 'instance'; id: string; projectId: string; status: string; hostname: string | null }
  /** `silent`: not up because Nova has not heard of it lately, while nobody has forced it down: no proof that it does not work. */
  | { kind: 'host'; hostname: string; up: boolean; enabled: boolean; silent?: boolean }
  | {
      kind: 'host_message';
      sessionId: string;
      hostname: string;
      state: 'IN_MAINTENANCE' | 'MAINTENANCE_COMPLETE';
    }
  /** null: it points nowhere. */
  | { kind: 'floating_ip'; id: string; instanceId: string | null }
  /** Instances that belong together, from now on. */
  | { kind: 'group'; id: string; members: string[]; apart: boolean; maxImpacted: number }
  | {
      kind: 'message';
      sessionId: string;
      projectId: string;
      state: string;
      /** Wall-clock ms at which it was seen, and the deadline in it. */
      wall: number;
      replyAt: number | null;
    }
  | { kind: 'session'; sessionId: string; state: string; reason?: string }
);

export interface Violation {
  /** Which promise was broken. */
  rule: Rule;
  at: number;
  /** How long it was, ms; absent for things that have no duration. */
  forMs?: number;
  detail: string;
}

/** What is promised; each becomes a check of the scenario. */
export const RULES = {
  service: 'the service address pointed at an active instance on a working host at every moment',
  empty_hosts: 'no instance was on a host in maintenance',
  anti_affinity: 'no two members of an anti-affinity group were on one host',
  impacted: 'never more members of a group were impacted than allowed',
  order: 'every project was told the states in their order',
  deadlines: 'every deadline was in the future when it was told',
  once: 'every host was maintained once, and no instance left a maintained host',
  capacity: 'full capacity came back',
  hosts_back: 'every host is up, enabled and out of maintenance at the end',
  outcome: 'the session ended as expected',
} as const;
export type Rule = keyof typeof RULES;

export interface Expectations {
  /** Hosts that the session had to maintain. */
  hosts: readonly string[];
  outcome: 'MAINTENANCE_DONE' | 'MAINTENANCE_FAILED';
  /** Hosts that died, or must stay out for another reason: not expected back. */
  lostHosts?: readonly string[];
  /** Whether as many instances must be active at the end as at the begin; default true. */
  capacityBack?: boolean;
  /** Whether every host must have been maintained; default: when the outcome is MAINTENANCE_DONE. */
  whole?: boolean;
  /** Instances may leave maintained hosts (an application that rearranges itself); default false. */
  mayMoveTwice?: boolean;
}

export interface CheckedRule {
  rule: Rule;
  name: string;
  passed: boolean;
  detail: string;
}

export interface Verdict {
  violations: Violation[];
  checks: CheckedRule[];
  /** Time during which a service address pointed at nothing that works, ms, summed over the addresses. */
  downtimeMs: number;
  /** Messages to projects and about hosts. */
  messages: number;
}
