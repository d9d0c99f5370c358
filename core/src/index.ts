export { combineErrors, problemsOf } from './errors/index.js';
export {
  type Configuration,
  type ConfigurationInput,
  type CreateDoctorOptions,
  createDoctor,
  type Doctor,
  loadConfiguration,
} from './host/index.js';
export * from './plugin-api/index.js';
export {
  type AnyScenario,
  type ScenarioOutcome,
  ReportFolder,
  type Result,
  type RunOutcome,
  type RunScenariosOptions,
  registerScenario,
  resultOf,
  runScenarios,
  type Scenario,
  type Step,
  type StepContext,
} from './scenarios/index.js';
