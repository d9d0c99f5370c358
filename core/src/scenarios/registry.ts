import { suggestion } from '../config/problem.js';
import { DoctorError } from '../errors/index.js';
import { BUILT_IN, DEFAULT_SCENARIOS } from './built-in.js';
import type { AnyScenario } from './engine/types.js';

const scenarios = new Map(BUILT_IN.map((scenario) => [scenario.name, scenario]));

/** Makes a scenario of one's own known under its name. Registering the same name twice is a defect. */
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
      `there is no scenario "${name}"${suggestion(name, ['all', ...scenarioNames()])}; there are: all (${DEFAULT_SCENARIOS.join(', ')}), ${scenarioNames().join(', ')}`,
    );
  return scenario;
}

/** In order of registration. */
export const scenarioNames = (): string[] => [...scenarios.keys()];
