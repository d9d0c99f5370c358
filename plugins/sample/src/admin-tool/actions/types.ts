import type { Clock, Logger } from '@nfv-doctor/core/plugin-api';
import type { ActionPhase } from '../session.js';

/** What an action plug-in is told. */
export interface ActionInput {
  sessionId: string;
  phase: ActionPhase;
  /** The host it works on; absent in phases pre and post. */
  host?: string;
  /** The same for every attempt at the same work: an action that may be repeated after a crash recognises it. */
  key: string;
  metadata: Record<string, unknown>;
}

/** What is done to hosts in maintenance: one implementation of it. */
export interface ActionPlugin {
  phase: ActionPhase;
  /** Whether the host may be used again although this action failed on it. */
  safeToEnableAfterFailure: boolean;
  /** How long it is expected to take, ms, for estimates. */
  expectedMs: number;
  /** Does the work; throws when it failed. Must give up when aborted. */
  run(input: ActionInput, signal: AbortSignal): Promise<void>;
}

export interface ActionContext {
  clock: Clock;
  log: Logger;
  /** Where commands keep their progress. */
  folder: string;
  /** Relative names of modules begin here. */
  configFolder: string;
}
