export * from './aggregate.js';
export * from './codes.js';
export * from './doctor-error.js';
