import type { CloudClock } from '../clock.js';
import { newUuid } from '../ids.js';
import type { Flavor } from './model.js';

/** Size of a host. */
export interface HostSpec {
  hostname: string;
  vcpus: number;
  memoryMb: number;
  diskGb: number;
}

/** nova-compute reports this often. */
const REPORT_INTERVAL_MS = 10_000;
/** Nova takes a service for down after this long without a report. */
const SERVICE_DOWN_MS = 60_000;

/** A compute host: its nova-compute service, its hypervisor and what it has room for. */
export class ComputeHost {
  readonly spec: HostSpec;
  readonly serviceNumber: number;
  readonly serviceUuid = newUuid();
  readonly hypervisorNumber: number;
  readonly hypervisorUuid = newUuid();
  readonly #clock: CloudClock;
  readonly #claims = new Map<string, Flavor>();
  #waiting: (() => void)[] = [];
  #heartbeatAnchor: number;
  #silentSince: number | undefined;
  #vcpus = 0;
  #memory = 0;
  #disk = 0;

  disabled = false;
  disabledReason: string | null = null;
  forcedDown = false;
  /** When an administrator last changed the service; 0 when never. */
  changedAt = 0;
  reportCount = 0;

  constructor(spec: HostSpec, index: number, clock: CloudClock) {
    this.spec = spec;
    this.#clock = clock;
    // 1 to 3 are the controller's own services.
    this.serviceNumber = index + 4;
    this.hypervisorNumber = index + 1;
    this.#heartbeatAnchor = clock.now();
  }

  get hostname(): string {
    return this.spec.hostname;
  }
  get vcpusUsed(): number {
    return this.#vcpus;
  }
  get memoryUsedMb(): number {
    return this.#memory;
  }
  get diskUsedGb(): number {
    return this.#disk;
  }
  /** Instances that hold resources here, also those on their way in or out. */
  get claimCount(): number {
    return this.#claims.size;
  }

  /** Last report of nova-compute, ms since the epoch. */
  lastSeen(): number {
    const now = this.#silentSince ?? this.#clock.now();
    return now - ((now - this.#heartbeatAnchor) % REPORT_INTERVAL_MS);
  }

  /** Whether Nova takes the service for up. */
  isUp(): boolean {
    if (this.forcedDown) return false;
    return this.#silentSince === undefined || this.#clock.now() - this.lastSeen() < SERVICE_DOWN_MS;
  }

  /** Whether messages reach nova-compute. */
  get reachable(): boolean {
    return this.#silentSince === undefined;
  }

  /** The host's link went down or came up: work that waited for it runs now. */
  setReachable(reachable: boolean): void {
    if (reachable === this.reachable) return;
    if (!reachable) {
      this.#silentSince = this.#clock.now();
      return;
    }
    this.#silentSince = undefined;
    this.#heartbeatAnchor = this.#clock.now();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const work of waiting) work();
  }

  /** Runs the work now, or when the host can be reached again: RPC messages wait in the queue. */
  whenReachable(work: () => void): void {
    if (this.reachable) work();
    else this.#waiting.push(work);
  }

  fits(flavor: Flavor): boolean {
    return (
      this.#vcpus + flavor.vcpus <= this.spec.vcpus &&
      this.#memory + flavor.memoryMb <= this.spec.memoryMb &&
      this.#disk + flavor.diskGb + flavor.ephemeralGb <= this.spec.diskGb
    );
  }

  claim(serverId: string, flavor: Flavor): void {
    this.release(serverId);
    this.#claims.set(serverId, flavor);
    this.#count(flavor, 1);
  }

  release(serverId: string): void {
    const flavor = this.#claims.get(serverId);
    if (flavor === undefined) return;
    this.#claims.delete(serverId);
    this.#count(flavor, -1);
  }

  #count(flavor: Flavor, sign: 1 | -1): void {
    this.#vcpus += sign * flavor.vcpus;
    this.#memory += sign * flavor.memoryMb;
    this.#disk += sign * (flavor.diskGb + flavor.ephemeralGb);
  }
}
