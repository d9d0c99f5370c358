export * from './variants.js';
