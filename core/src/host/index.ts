export * from './configuration.js';
export * from './create-doctor.js';
export * from './doctor.js';
export * from './installed.js';
