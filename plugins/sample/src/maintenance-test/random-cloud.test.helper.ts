import type { InstanceAction } from '@nfv-doctor/core/plugin-api';
import type { VirtualClock } from '@nfv-doctor/core/testing';
import { ModelCloud } from './model-cloud.test.helper.js';

/** Numbers in [0, 1) that depend on the seed only (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface RandomProject {
  projectId: string;
  subscribed: boolean;
  redundant: string[];
  scalable: string[];
  floatingIpId?: string;
  config: {
    redundant_action: InstanceAction;
    scalable_action: InstanceAction;
    refuse_states: string[];
    silent_states: string[];
  };
}

export interface RandomCase {
  cloud: ModelCloud;
  hosts: string[];
  projects: RandomProject[];
  maxParallelHosts: number;
  maxParallelMoves: number;
  /** Kill this host when so many host messages have been sent. */
  kill?: { hostname: string; after: number };
}

const ACTIONS: InstanceAction[] = ['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION'];
const ASKED = [
  'MAINTENANCE',
  'DOWN_SCALE',
  'PREPARE_MAINTENANCE',
  'PLANNED_MAINTENANCE',
  'MAINTENANCE_COMPLETE',
];

/** A cloud with hosts of different sizes, projects with and without pairs, subscribed or not, of different minds. */
export function randomCase(seed: number, clock: VirtualClock): RandomCase {
  const random = randomOf(seed);
  const int = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  const pick = <T>(from: readonly T[]): T => from[int(0, from.length - 1)] as T;
  const cloud = new ModelCloud({
    clock,
    migrationMs: int(500, 5000),
    confirmMs: int(100, 2000),
    liveMs: int(500, 6000),
    bootMs: int(200, 2000),
  });
  const hosts = Array.from({ length: int(2, 8) }, (_, index) => `h${index}`);
  for (const hostname of hosts) cloud.addHost(hostname, pick([2, 3, 4, 8]));
  const free = new Map(hosts.map((hostname) => [hostname, cloud.hostsByName.get(hostname)?.vcpus ?? 0]));
  const place = (
    id: string,
    vcpus: number,
    projectId: string,
    groupId?: string,
    avoid?: string,
  ): string | undefined => {
    const fitting = hosts.filter((hostname) => hostname !== avoid && (free.get(hostname) ?? 0) >= vcpus);
    if (fitting.length === 0) return undefined;
    const hostname = pick(fitting);
    free.set(hostname, (free.get(hostname) ?? 0) - vcpus);
    cloud.addInstance(id, hostname, {
      projectId,
      vcpus,
      memoryMb: vcpus * 1024,
      ...(groupId ? { groupId } : {}),
    });
    return hostname;
  };
  const projects: RandomProject[] = [];
  for (let number = 0; number < int(1, 3); number++) {
    const projectId = `p${number}`;
    const subscribed = random() < 0.8;
    const project: RandomProject = {
      projectId,
      subscribed,
      redundant: [],
      scalable: [],
      config: {
        redundant_action: pick(ACTIONS),
        scalable_action: pick(ACTIONS),
        refuse_states: random() < 0.06 ? [pick(ASKED)] : [],
        silent_states: random() < 0.06 ? [pick(ASKED)] : [],
      },
    };
    if (random() < 0.7) {
      const groupId = `g${number}`;
      cloud.addGroup(groupId);
      const first = place(`${projectId}-r0`, 1, projectId, groupId);
      const second = first && place(`${projectId}-r1`, 1, projectId, groupId, first);
      if (first && second) {
        project.redundant = [`${projectId}-r0`, `${projectId}-r1`];
        if (subscribed) {
          project.floatingIpId = `vip-${projectId}`;
          cloud.addFloatingIp(project.floatingIpId, `${projectId}-r0`);
        }
      } else if (first) project.redundant = [`${projectId}-r0`];
    }
    for (let index = 0; index < int(0, 8); index++) {
      const id = `${projectId}-s${index}`;
      if (place(id, pick([1, 1, 1, 2]), projectId)) project.scalable.push(id);
    }
    projects.push(project);
  }
  return {
    cloud,
    hosts,
    projects,
    maxParallelHosts: int(1, 4),
    maxParallelMoves: int(1, 4),
    ...(random() < 0.15 ? { kill: { hostname: pick(hosts), after: int(0, hosts.length) } } : {}),
  };
}
