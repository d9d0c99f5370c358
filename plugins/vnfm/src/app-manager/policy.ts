import {
  type AppMessage,
  type ApplicationPolicy,
  type ApplicationRecord,
  type AskedInstances,
  chooseReleased,
  DoctorError,
  type InstanceAction,
  type PolicyContext,
  type Replacement,
  type ServerGroup,
} from '@nfv-doctor/core/plugin-api';
import { constraintBodies, type ConstraintsClient, HandOver } from '../constraints-api/index.js';
import {
  conflictsWith,
  type ConstraintRules,
  type Constraints,
  judge,
  type Judgement,
  novaGroupOf,
  obstacle,
  resolveConstraints,
  type Situation,
} from '../constraints/index.js';
import type { VnfmConfig } from './config.js';
import { hear, type Memory, memoryOf, noteAction } from './memory.js';

export type VnfmPolicyConfig = Pick<
  VnfmConfig,
  | 'min_scalable'
  | 'scale_in_step'
  | 'refuse_states'
  | 'silent_states'
  | 'answer_margin'
  | 'assumed_reply_time'
  | 'instance_timeout'
  | 'poll_interval'
>;

export interface VnfmPolicyOptions {
  config: VnfmPolicyConfig;
  rules: ConstraintRules;
  /** undefined: constraints are not handed over. */
  client: ConstraintsClient | undefined;
}

/** States whose question must be answered before its deadline, or not be acted upon at all. */
const TIMELY = new Set(['MAINTENANCE', 'DOWN_SCALE', 'PREPARE_MAINTENANCE', 'PLANNED_MAINTENANCE']);

/** Agrees to what keeps to the constraints of one application, waits where waiting helps, and says why where it does not. */
export class VnfmPolicy implements ApplicationPolicy {
  readonly #memory: Memory;
  readonly #handOver: HandOver;

  constructor(
    readonly options: VnfmPolicyOptions,
    readonly record: ApplicationRecord,
    readonly context: PolicyContext,
  ) {
    this.#memory = memoryOf(record);
    this.#handOver = new HandOver(options.client, this.#memory.handed, context.log);
  }

  get constraints(): Constraints {
    return resolveConstraints(this.options.rules, this.record);
  }

  /** @throws DoctorError CONFLICT with all that contradicts what exists */
  async begin(signal: AbortSignal): Promise<void> {
    const { cloud } = this.context;
    const { constraints } = this;
    const [serverGroups, instances] = await Promise.all([
      cloud.compute.serverGroups(signal),
      cloud.compute.instances({ allProjects: false }, signal),
    ]);
    const hosts = new Map(instances.map(({ id, hostname }) => [id, hostname]));
    const reasons = conflictsWith(constraints, serverGroups, (id) => hosts.get(id));
    if (reasons.length === 0) {
      await this.#sync(serverGroups, signal);
      reasons.push(...this.#unguarded(constraints, serverGroups));
    }
    if (reasons.length === 0) return;
    await this.#handOver.clear(signal);
    throw new DoctorError('CONFLICT', `constraints of the VNF manager: ${reasons.join('; ')}`, {
      details: { reasons },
    });
  }

  async end(signal: AbortSignal): Promise<void> {
    await this.#handOver.clear(signal);
  }

  /** Nobody but Nova or the admin tool chooses hosts: anti-affinity that neither knows is no promise. */
  #unguarded({ groups }: Constraints, serverGroups: readonly ServerGroup[]): string[] {
    if (this.#handOver.state === 'enforced' || this.#handOver.state === 'given') return [];
    return groups
      .filter((group) => group.antiAffinity && group.members.length > 1 && !novaGroupOf(group, serverGroups))
      .map(
        ({ name }) =>
          `group ${name} demands anti_affinity, but its members are in no server group with that policy, and the admin tool takes no constraints${this.#handOver.problem ? ` (${this.#handOver.problem})` : ''}`,
      );
  }

  heard(message: AppMessage): void {
    hear(this.#memory, message, this.constraints, message.receivedAt ?? this.context.clock.now());
  }

  async consider(message: AppMessage): Promise<boolean> {
    const { state } = message;
    const { config } = this.options;
    // what came while nobody managed the application was not heard
    this.heard(message);
    if (config.silent_states.includes(state)) return false;
    if (config.refuse_states.includes(state)) throw new DoctorError('CONFLICT', 'refused by configuration');
    const now = this.context.clock.now();
    if (TIMELY.has(state) && now > this.#deadline(message))
      throw new DoctorError(
        'MAINTENANCE_LATE',
        `the question was due at ${new Date(this.#deadline(message)).toISOString()}, and its turn came later`,
      );
    if (state === 'MAINTENANCE') this.#refuseHopeless(message);
    return true;
  }

  /** What would be refused in the middle of a session is refused at its beginning. */
  #refuseHopeless({ allowedActions: allowed }: AppMessage): void {
    const { constraints } = this;
    const { rules } = this.options;
    const remakeable = this.#remakeable();
    const reasons = [...constraints.instances.keys()].flatMap(
      (id) => obstacle(id, constraints, rules.interruptions, { allowed, remakeable }) ?? [],
    );
    if (reasons.length > 0) throw new DoctorError('CONFLICT', reasons.slice(0, 5).join('; '));
  }

  chooseReleased(asked: AskedInstances): string[] {
    const { min_scalable, scale_in_step } = this.options.config;
    return chooseReleased(this.record, asked, { minScalable: min_scalable, step: scale_in_step });
  }

  async chooseActions(
    asked: readonly string[],
    message: AppMessage,
    signal: AbortSignal,
  ): Promise<Record<string, InstanceAction>> {
    const { clock, log } = this.context;
    const { answer_margin, poll_interval } = this.options.config;
    const latest = this.#deadline(message) - answer_margin;
    let told = '';
    for (;;) {
      const judgement = await this.#judge(asked, message, latest, signal).catch(
        (error: unknown): Judgement => {
          signal.throwIfAborted();
          // a cloud that does not answer for a moment is no reason for a no
          return {
            kind: 'wait',
            reason: `the group cannot be looked at: ${DoctorError.from(error).message}`,
          };
        },
      );
      if (judgement.kind === 'act') return judgement.actions;
      const left = latest - clock.now();
      if (judgement.kind === 'refuse' || left <= 0) throw new DoctorError('CONFLICT', judgement.reason);
      if (told !== judgement.reason)
        log.info({ event: 'vnfm.waits', sessionId: message.sessionId, reason: judgement.reason });
      told = judgement.reason;
      const pause = judgement.until === undefined ? poll_interval : judgement.until - clock.now();
      await clock.sleep(Math.max(1, Math.min(pause, left)), signal);
    }
  }

  async #judge(
    asked: readonly string[],
    message: AppMessage,
    deadline: number,
    signal: AbortSignal,
  ): Promise<Judgement> {
    const { constraints } = this;
    const impacted = await this.#impacted(constraints, signal);
    const situation: Situation = {
      now: this.context.clock.now(),
      receivedAt: message.receivedAt ?? this.context.clock.now(),
      deadline,
      asked,
      allowed: message.allowedActions,
      impacted,
      lastActionAt: new Map(Object.entries(this.#memory.actionEndedAt)),
      remakeable: this.#remakeable(),
      toolPaces: this.#handOver.state === 'enforced',
    };
    return judge(constraints, this.options.rules.interruptions, situation);
  }

  #remakeable(): Set<string> {
    return new Set(Object.keys(this.record.blueprints));
  }

  /** Members that do not serve, or that somebody was allowed to touch. */
  async #impacted({ groups }: Constraints, signal: AbortSignal): Promise<Set<string>> {
    const impacted = new Set(Object.keys(this.#memory.touched));
    if (groups.length === 0) return impacted;
    const instances = await this.context.cloud.compute.instances({ allProjects: false }, signal);
    const serving = new Set(
      instances.filter(({ status, taskState }) => status === 'ACTIVE' && !taskState).map(({ id }) => id),
    );
    for (const { members } of groups) for (const id of members) if (!serving.has(id)) impacted.add(id);
    return impacted;
  }

  /** Fenix tells deadlines that are over when the message comes. */
  #deadline({ replyAt, receivedAt = this.context.clock.now() }: AppMessage): number {
    if (replyAt !== undefined && replyAt > receivedAt) return replyAt;
    return receivedAt + this.options.config.assumed_reply_time;
  }

  promised(actions: Readonly<Record<string, InstanceAction>>, { sessionId }: AppMessage): void {
    for (const [id, action] of Object.entries(actions))
      if (action !== 'OWN_ACTION') this.#memory.touched[id] = sessionId;
  }

  withdrawn(actions: Readonly<Record<string, InstanceAction>>): void {
    for (const id of Object.keys(actions)) delete this.#memory.touched[id];
  }

  /** Own actions keep the group's pace. @throws DoctorError TIMEOUT when others stay out of service */
  async beforeReplacing({ oldId }: Replacement, signal: AbortSignal): Promise<void> {
    const { clock } = this.context;
    const { poll_interval, instance_timeout } = this.options.config;
    const begun = clock.monotonic();
    for (;;) {
      const { constraints } = this;
      const impacted = await this.#impacted(constraints, signal);
      impacted.delete(oldId);
      const group = constraints.groups.find(({ members }) => members.includes(oldId));
      if (!group) return;
      const out = group.members.filter((id) => impacted.has(id)).length;
      const recovered = (this.#memory.actionEndedAt[group.name] ?? 0) + group.recoveryTimeMs;
      const missing = recovered - clock.now();
      if (out < group.maxImpactedMembers && missing <= 0) return;
      if (clock.monotonic() - begun > instance_timeout + group.recoveryTimeMs)
        throw new DoctorError(
          'TIMEOUT',
          `instance ${oldId} was not made again: ${out} other members of group ${group.name} are out of service`,
        );
      await clock.sleep(missing > 0 ? missing : poll_interval, signal);
    }
  }

  replaced(_each: Replacement, newId: string): void {
    noteAction(this.#memory, newId, this.constraints, this.context.clock.now());
  }

  async changed(signal: AbortSignal): Promise<void> {
    try {
      await this.#sync(await this.context.cloud.compute.serverGroups(signal), signal);
    } catch (error) {
      if (!signal.aborted) this.context.log.warn({ event: 'vnfm.constraints_failed', err: error });
    }
  }

  async #sync(serverGroups: readonly ServerGroup[], signal: AbortSignal): Promise<void> {
    const { constraints, record } = this;
    await this.#handOver.sync(constraintBodies({ constraints, record, serverGroups }), signal);
  }

  problem(): string | undefined {
    return this.#handOver.problem;
  }
}
