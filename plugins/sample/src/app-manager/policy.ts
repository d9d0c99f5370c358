import {
  type AppMessage,
  type ApplicationPolicy,
  type ApplicationRecord,
  type AskedInstances,
  chooseReleased,
  DoctorError,
  type InstanceAction,
} from '@nfv-doctor/core/plugin-api';
import type { AppManagerConfig } from './config.js';

/** What the policy reads of the configuration. */
export type SamplePolicyConfig = Pick<
  AppManagerConfig,
  | 'redundant_action'
  | 'scalable_action'
  | 'instance_actions'
  | 'min_scalable'
  | 'scale_in_step'
  | 'refuse_states'
  | 'silent_states'
>;

/** Agrees to everything, with the actions of the configuration. */
export class SamplePolicy implements ApplicationPolicy {
  constructor(
    readonly config: SamplePolicyConfig,
    readonly record: ApplicationRecord,
  ) {}

  async consider({ state }: AppMessage): Promise<boolean> {
    if (this.config.silent_states.includes(state)) return false;
    if (this.config.refuse_states.includes(state))
      throw new DoctorError('CONFLICT', 'refused by configuration');
    return true;
  }

  chooseReleased(asked: AskedInstances): string[] {
    const { min_scalable, scale_in_step } = this.config;
    return chooseReleased(this.record, asked, { minScalable: min_scalable, step: scale_in_step });
  }

  async chooseActions(
    instanceIds: readonly string[],
    { allowedActions }: AppMessage,
  ): Promise<Record<string, InstanceAction>> {
    return Object.fromEntries(instanceIds.map((id) => [id, this.#choose(id, allowedActions)]));
  }

  #choose(id: string, allowed: readonly InstanceAction[]): InstanceAction {
    const { redundant, blueprints } = this.record;
    const { instance_actions, redundant_action, scalable_action } = this.config;
    const name = blueprints[id]?.name ?? '';
    const own = (instance_actions as Record<string, string>)[name];
    const wanted = (own ?? (redundant.includes(id) ? redundant_action : scalable_action)) as InstanceAction;
    if (wanted === 'OWN_ACTION' && !blueprints[id]) return 'MIGRATE';
    return allowed.length === 0 || allowed.includes(wanted) ? wanted : 'MIGRATE';
  }
}
