export { createNeutron } from './create.js';
export type { Neutron } from './neutron.js';
