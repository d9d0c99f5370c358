import { CHECKPOINTS, type Checkpoint, type CheckpointName, type EventBus } from '../bus/index.js';

type Stamped = Checkpoint & { at: number };

export const CHECKPOINT_NAMES = Object.keys(CHECKPOINTS) as CheckpointName[];

/** Checkpoints of one instance: ms after T00. A checkpoint that nobody reported is absent. */
export interface InstanceProfile {
  instanceId: string;
  checkpoints: Partial<Record<CheckpointName, number>>;
}

export interface Percentiles {
  min: number;
  median: number;
  p90: number;
  p99: number;
  max: number;
}

/** The time line of one fault, over all instances of the host. */
export interface FaultProfile {
  hostname: string;
  instances: InstanceProfile[];
  /** The instance whose owner was notified last: the one that counts. */
  last: InstanceProfile;
  /** T01 − T00. */
  detectionTimeMs: number | undefined;
  /** T09 of the last instance − T01; undefined while an instance has not been notified. */
  notificationTimeMs: number | undefined;
  /** Over the instances, ms after T00. */
  percentiles: Partial<Record<CheckpointName, Percentiles>>;
}

/** Collects the checkpoints of a process; all stamps are of its one monotonic clock. */
export class Profiler {
  readonly #stamps: Stamped[] = [];
  readonly #stop: () => void;

  constructor(events: EventBus) {
    this.#stop = events.on('checkpoint', (checkpoint) => this.#stamps.push(checkpoint));
  }

  /** Stops collecting; what was collected stays. */
  stop(): void {
    this.#stop();
  }

  /** When the host's network was last cut (T00), monotonic ms. */
  cutAt(hostname: string): number | undefined {
    return this.#stamps.findLast((stamp) => stamp.name === 'T00' && stamp.hostname === hostname)?.at;
  }

  /** @returns undefined while there is no T00 of the host */
  profile(hostname: string, instanceIds: readonly string[]): FaultProfile | undefined {
    const start = this.cutAt(hostname);
    if (start === undefined || instanceIds.length === 0) return undefined;
    const { ofInstance, ofHost } = this.#firsts(start, hostname);
    const instances = instanceIds.map((instanceId) => {
      const checkpoints: InstanceProfile['checkpoints'] = {};
      for (const name of CHECKPOINT_NAMES) {
        const at = ofInstance.get(`${name} ${instanceId}`) ?? ofHost.get(name);
        if (at !== undefined) checkpoints[name] = at - start;
      }
      return { instanceId, checkpoints };
    });
    return summary(hostname, instances);
  }

  /** The first stamp of each checkpoint since `start`: repetitions (retries, recovery) do not count. */
  #firsts(start: number, hostname: string) {
    const ofInstance = new Map<string, number>();
    const ofHost = new Map<CheckpointName, number>();
    for (const stamp of this.#stamps) {
      if (stamp.at < start) continue;
      if (stamp.instanceId !== undefined)
        keepEarliest(ofInstance, `${stamp.name} ${stamp.instanceId}`, stamp.at);
      else if (stamp.hostname === undefined || stamp.hostname === hostname)
        keepEarliest(ofHost, stamp.name, stamp.at);
    }
    return { ofInstance, ofHost };
  }
}

function keepEarliest<K>(map: Map<K, number>, key: K, at: number): void {
  const known = map.get(key);
  if (known === undefined || at < known) map.set(key, at);
}

function summary(hostname: string, instances: InstanceProfile[]): FaultProfile {
  const last = instances.reduce((latest, instance) =>
    (instance.checkpoints.T09 ?? Number.POSITIVE_INFINITY) >
    (latest.checkpoints.T09 ?? Number.POSITIVE_INFINITY)
      ? instance
      : latest,
  );
  const { T01, T09 } = last.checkpoints;
  const percentiles: FaultProfile['percentiles'] = {};
  for (const name of CHECKPOINT_NAMES) {
    const values = instances.flatMap(({ checkpoints }) => checkpoints[name] ?? []);
    if (values.length > 0) percentiles[name] = percentilesOf(values);
  }
  return {
    hostname,
    instances,
    last,
    detectionTimeMs: T01,
    notificationTimeMs: T01 === undefined || T09 === undefined ? undefined : T09 - T01,
    percentiles,
  };
}

/** Nearest-rank percentiles. `values` must not be empty. */
export function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number;
  return { min: at(0), median: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}
