export * from './bodies.js';
export * from './client.js';
export * from './hand-over.js';
