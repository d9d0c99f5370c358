import type {
  CloudCredentials,
  CloudSession,
  ComputeController,
  Controller,
  Health,
  IdentityController,
  ImageController,
  NetworkController,
} from '@nfv-doctor/core/plugin-api';
import { NovaController } from './compute/index.js';
import { KeystoneController } from './identity.js';
import { GlanceController } from './image.js';
import { NeutronController } from './network.js';

export interface ControllerOptions {
  /** Roles whose bearers see the instances of all projects. */
  adminRoles: readonly string[];
}

/** See {@link Controller}. */
export class OpenstackController implements Controller {
  readonly compute: ComputeController;
  readonly network: NetworkController;
  readonly identity: IdentityController;
  readonly image: ImageController;
  readonly #nova: NovaController;
  readonly #others = new Map<CloudSession, OpenstackController>();

  constructor(
    private readonly cloud: CloudSession,
    private readonly options: ControllerOptions,
  ) {
    this.#nova = new NovaController(cloud, options.adminRoles);
    this.compute = this.#nova;
    this.network = new NeutronController(cloud);
    this.identity = new KeystoneController(cloud);
    this.image = new GlanceController(cloud);
  }

  /** Finds out before the first fault whether the services are there, new enough, and what the hosts' service ids are. */
  async start(signal: AbortSignal): Promise<void> {
    await Promise.all([this.cloud.endpoint('compute'), this.cloud.endpoint('network')]);
    await this.#nova.nova.version();
    await this.compute.hosts(signal);
  }

  async stop(): Promise<void> {
    this.#others.clear();
  }

  health(): Health | Promise<Health> {
    return this.cloud.health();
  }

  as(credentials: Partial<CloudCredentials>): Controller {
    const cloud = this.cloud.as(credentials);
    let other = this.#others.get(cloud);
    if (!other) {
      other = new OpenstackController(cloud, this.options);
      this.#others.set(cloud, other);
    }
    return other;
  }
}
