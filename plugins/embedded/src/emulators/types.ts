import type { CloudClock } from '../cloud/clock.js';

/** How an emulator logs in to the cloud, as a deployed service would. */
export interface ServiceCredentials {
  /** Keystone, such as `http://127.0.0.1:40001/v3`. */
  authUrl: string;
  username: string;
  password: string;
  userDomainName: string;
  projectName: string;
  projectDomainName: string;
}

/** A notification as an emulator puts it on the bus. */
export interface EmulatorNotification {
  messageId: string;
  publisherId: string;
  eventType: string;
  priority: string;
  payload: Record<string, unknown>;
  /** `2030-01-01 00:00:00.000000`, UTC. */
  timestamp: string;
}

/** All that an emulator knows of the cloud it belongs to: it uses the cloud's own APIs for everything else. */
export interface EmulatorContext {
  clock: CloudClock;
  /** Called when it is needed: the cloud may get its addresses later. */
  credentials(): ServiceCredentials;
  publish(notification: EmulatorNotification): void;
  /** Told of what a real service would write into its log. */
  log(event: string, detail: Record<string, unknown>): void;
}

/** What runs beside the cloud: a service with an entry in the catalog, or something that watches its hosts. */
export interface Emulator {
  /** Name and type in the catalog; absent: it has no entry. */
  readonly service?: { name: string; type: string };
  /** `http://127.0.0.1:port`, known after start; of a watcher: where it posts to. */
  readonly url: string;
  /** @param port 0: a free one */
  start(port: number): Promise<void>;
  /** Ends all it does and closes its port. Idempotent. */
  stop(): Promise<void>;
}
