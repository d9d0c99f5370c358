export * from './backend-weather.js';
export * from './proxy.js';
