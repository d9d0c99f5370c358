export { createNeutron } from './create.js';
export { Neutron, type Port } from './neutron.js';
