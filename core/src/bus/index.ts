export * from './catalogue.js';
export * from './event-bus.js';
