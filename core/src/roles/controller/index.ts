import type { CloudCredentials } from '../../domain/credentials.js';
import type { Role } from '../role.js';
import type { ComputeController } from './compute.js';
import type { IdentityController } from './identity.js';
import type { ImageController } from './image.js';
import type { NetworkController } from './network.js';

export type * from './compute.js';
export type * from './identity.js';
export type * from './image.js';
export type * from './network.js';

/** Keeps the resource map, changes and reports state (Nova, Neutron, Glance, Keystone). */
export interface Controller extends Role {
  readonly compute: ComputeController;
  readonly network: NetworkController;
  readonly identity: IdentityController;
  readonly image: ImageController;
  /** The same cloud as another user sees it; ends with this controller. */
  as(credentials: Partial<CloudCredentials>): Controller;
}
