import {
  type Alarm,
  type ComputeController,
  type Instance,
  MAINTENANCE_SCHEDULED,
  type Notifier,
  type ServerGroup,
} from '@nfv-doctor/core/plugin-api';
import type { PlanGroup } from '../planner/index.js';
import type { Survey } from '../session.js';

export interface SurveyContext {
  compute: ComputeController;
  notifier: Pick<Notifier, 'listAlarms'>;
  cpuRatio: number;
  memoryRatio: number;
  reservedMemoryMb: number;
  /** Groups that projects demand beside Nova's. */
  demanded?: ((instances: Survey['instances']) => PlanGroup[]) | undefined;
}

/** What one look at the cloud gives; what other sessions hold is added by who knows them. */
export type Found = Omit<Survey, 'claims' | 'foreign'>;

const TRANSIENT = new Set(['DELETED', 'SOFT_DELETED', 'SHELVED_OFFLOADED']);

/** Looks at all hosts, instances, server groups and alarms. */
export async function lookAround(context: SurveyContext, signal: AbortSignal): Promise<Found> {
  const { compute, notifier, cpuRatio, memoryRatio, reservedMemoryMb } = context;
  const [hosts, instances, groups, alarms] = await Promise.all([
    compute.hosts(signal),
    compute.instances({ allProjects: true }, signal),
    compute.serverGroups(signal),
    notifier.listAlarms(undefined, { allProjects: true }),
  ]);
  const sizes = await flavorSizes(compute, instances, signal);
  const found = instances.flatMap(({ id, projectId, hostname, status, flavor, vcpus, memoryMb }) =>
    hostname && !TRANSIENT.has(status)
      ? [
          {
            id,
            projectId,
            hostname,
            status,
            vcpus: vcpus ?? sizes.get(flavor ?? '')?.vcpus ?? 1,
            memoryMb: memoryMb ?? sizes.get(flavor ?? '')?.memoryMb ?? 0,
          },
        ]
      : [],
  );
  return {
    hosts: hosts.map(({ hostname, vcpus = 0, memoryMb = 0, state, status, forcedDown }) => ({
      hostname,
      vcpus: Math.floor(vcpus * cpuRatio),
      memoryMb: Math.floor(memoryMb * memoryRatio) - reservedMemoryMb,
      up: state === 'up' && !forcedDown,
      silent: state !== 'up' && !forcedDown,
      enabled: status === 'enabled',
    })),
    instances: found,
    groups: [...groups.map(toPlanGroup), ...(context.demanded?.(found) ?? [])],
    subscribed: [...new Set(alarms.filter(isSubscription).map((alarm) => alarm.project_id))],
  };
}

/** Old clouds tell only the flavor's id with an instance. */
async function flavorSizes(compute: ComputeController, instances: readonly Instance[], signal: AbortSignal) {
  if (instances.every(({ vcpus, memoryMb }) => vcpus !== undefined && memoryMb !== undefined))
    return new Map<string, { vcpus: number; memoryMb: number }>();
  const flavors = await compute.flavors(signal);
  return new Map(flavors.flatMap((flavor) => [[flavor.id, flavor] as const, [flavor.name, flavor] as const]));
}

function toPlanGroup({ id, policy, members }: ServerGroup): PlanGroup {
  const soft = policy.startsWith('soft-');
  const apart = policy.endsWith('anti-affinity');
  return {
    id,
    members,
    placement: soft ? 'free' : apart ? 'apart' : policy === 'affinity' ? 'together' : 'free',
    // who is kept apart stands in for each other: one at a time
    maxImpacted: apart ? 1 : Math.max(1, members.length),
  };
}

/** An event alarm of the project that matches `maintenance.scheduled`. */
function isSubscription({ enabled, type, event_rule }: Alarm): boolean {
  if (!enabled || type !== 'event') return false;
  const pattern = event_rule.event_type
    .replaceAll(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  try {
    return pattern !== '.*' && new RegExp(`^${pattern}$`).test(MAINTENANCE_SCHEDULED);
  } catch {
    // a bracket that fnmatch would take for itself
    return event_rule.event_type === MAINTENANCE_SCHEDULED;
  }
}
