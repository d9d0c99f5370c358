import type { AnyScenario } from './engine/types.js';
import { faultManagement } from './fault-management/index.js';
import { maintenance, maintenanceVariants } from './maintenance/index.js';

/** The scenarios that `doctor test all` runs, in order. */
const MAIN: readonly AnyScenario[] = [faultManagement, maintenance];

/** Those that run only when they are asked for by name. */
const VARIANTS: readonly AnyScenario[] = [...maintenanceVariants];

export const BUILT_IN: readonly AnyScenario[] = [...MAIN, ...VARIANTS];
export const DEFAULT_SCENARIOS: readonly string[] = MAIN.map(({ name }) => name);
