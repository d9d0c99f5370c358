export * from './book.js';
export * from './plan-groups.js';
export * from './routes.js';
