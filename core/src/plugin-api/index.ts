export * from '../app-manager/index.js';
export * from '../bus/index.js';
export * from '../delegation/index.js';
export * from '../domain/index.js';
export * from '../errors/index.js';
export { isLoopback, sameSecret, tokenOf } from '../http/authentication.js';
export * from '../http/signature.js';
export type * from '../http/types.js';
export type { Logger } from '../log/index.js';
export type { Metrics } from '../metrics/index.js';
export {
  type Intake,
  type ReceivedFault,
  ReceivingMonitor,
  type ReceivingMonitorOptions,
} from '../receiver/index.js';
export * from '../roles/index.js';
export type * from '../store/types.js';
export * from '../store/write-batch.js';
export * from './define-plugin.js';
export * from './tokens.js';
export * from './version.js';
export type { FastifyInstance } from 'fastify';
export type { Static } from '@sinclair/typebox';
export { Type } from '@sinclair/typebox';
// The query builder of core.store's databases; types only: what opens no database does not load it.
export type { Generated, Kysely, Migration } from 'kysely';
