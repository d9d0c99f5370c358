import { DoctorError } from '../errors/index.js';
import type { Scenario } from './engine/types.js';

// the registry holds scenarios of any state type; each is run with its own
// biome-ignore lint/suspicious/noExplicitAny: see above
type AnyScenario = Scenario<any>;

const scenarios = new Map<string, AnyScenario>();

/** Makes a scenario known under its name. Registering the same name twice is a defect. */
export function registerScenario(scenario: AnyScenario): void {
  if (scenarios.has(scenario.name))
    throw new DoctorError('INTERNAL', `scenario ${scenario.name} is registered twice`);
  scenarios.set(scenario.name, scenario);
}

/** @throws DoctorError NOT_FOUND that lists the scenarios there are */
export function findScenario(name: string): AnyScenario {
  const scenario = scenarios.get(name);
  if (!scenario)
    throw new DoctorError(
      'NOT_FOUND',
      `there is no scenario "${name}"; there are: ${scenarioNames().join(', ')}`,
    );
  return scenario;
}

/** In order of registration. */
export const scenarioNames = (): string[] => [...scenarios.keys()];
