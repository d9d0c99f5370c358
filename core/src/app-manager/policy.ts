import type { Clock } from '../domain/clock.js';
import type { InstanceAction } from '../domain/maintenance.js';
import type { ProjectOwner } from '../domain/credentials.js';
import type { Logger } from '../log/index.js';
import type { Controller } from '../roles/controller/index.js';
import type { AskedInstances } from './gateway.js';
import type { AppMessage } from './message.js';
import type { ApplicationRecord, Replacement } from './record.js';

/** What a policy may use. */
export interface PolicyContext {
  owner: ProjectOwner;
  /** The cloud as the owner sees it. */
  cloud: Controller;
  clock: Clock;
  log: Logger;
  /** A token of the owner. */
  token(): Promise<string>;
}

/**
 * What an app manager decides for one application. Everything else (inbox, durability, scaling, switch-over, own actions,
 * answers) is the same for all. What it has to remember belongs into `record.memory`, which is stored with the record.
 */
export interface ApplicationPolicy {
  /** Before the application subscribes. @throws DoctorError when it cannot be managed like this */
  begin?(signal: AbortSignal): Promise<void>;
  /** The application is not managed any more: takes back what was left elsewhere. */
  end?(signal: AbortSignal): Promise<void>;
  /** Told of each message as it comes, before it waits for its turn. */
  heard?(message: AppMessage): void;
  /**
   * Before anything is done for a message. May wait, as long as the deadline allows.
   * @returns false: it is not answered
   * @throws what is answered as the reason of a NACK
   */
  consider(message: AppMessage, signal: AbortSignal): Promise<boolean>;
  /** Which instances to release. @throws what is answered as the reason of a NACK */
  chooseReleased(asked: AskedInstances): string[];
  /** What is to be done with each of these. May wait. @throws what is answered as the reason of a NACK */
  chooseActions(
    instanceIds: readonly string[],
    message: AppMessage,
    signal: AbortSignal,
  ): Promise<Record<string, InstanceAction>>;
  /** These actions are about to be agreed to: from now on the instances may be touched. Stored afterwards. */
  promised?(actions: Readonly<Record<string, InstanceAction>>, message: AppMessage): void;
  /** The answer that promised these actions did not arrive. Stored afterwards. */
  withdrawn?(actions: Readonly<Record<string, InstanceAction>>): void;
  /** Before an instance is made again elsewhere. May wait. */
  beforeReplacing?(each: Replacement, signal: AbortSignal): Promise<void>;
  /** An instance was made again. Stored afterwards. */
  replaced?(each: Replacement, newId: string): void;
  /** Other instances exist than before; must not throw. */
  changed?(signal: AbortSignal): Promise<void>;
  /** One line for the operator when something is wrong. */
  problem?(): string | undefined;
}

/** Makes the policy of one application. */
export type PolicyFactory = (record: ApplicationRecord, context: PolicyContext) => ApplicationPolicy;
