import { FENIX_STATES, MAINTENANCE_STATES, type MaintenanceState } from './maintenance.js';

/** Which words a message uses: Doctor's, or Fenix's (SCALE_IN, INSTANCE_ACTION_DONE). */
export type Vocabulary = 'doctor' | 'fenix';

const FROM_WORD: ReadonlyMap<string, MaintenanceState> = new Map([
  ...MAINTENANCE_STATES.map((state) => [state, state] as const),
  ...(Object.entries(FENIX_STATES) as [MaintenanceState, string][]).map(
    ([state, word]) => [word, state] as const,
  ),
]);

/** The state that a word of either vocabulary means; undefined for any other word. */
export function maintenanceState(word: string): MaintenanceState | undefined {
  return FROM_WORD.get(word);
}

/** A state in the words of a vocabulary. */
export function maintenanceWord(state: MaintenanceState, vocabulary: Vocabulary = 'doctor'): string {
  return vocabulary === 'fenix' ? (FENIX_STATES[state] ?? state) : state;
}

/** An answer to a question about `state`: yes or no. */
export interface MaintenanceAnswer {
  verdict: 'ACK' | 'NACK';
  state: MaintenanceState;
}

/** Reads `ACK_<STATE>` or `NACK_<STATE>` in either vocabulary; undefined for anything else. */
export function maintenanceAnswer(word: string): MaintenanceAnswer | undefined {
  const [, verdict, rest] = /^(ACK|NACK)_(.+)$/.exec(word) ?? [];
  const state = rest === undefined ? undefined : maintenanceState(rest);
  return state && { verdict: verdict as 'ACK' | 'NACK', state };
}
