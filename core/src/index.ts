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
