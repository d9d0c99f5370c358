import { groupBy } from './group-by.js';
import type { StateChange } from './types.js';

export interface SeenInstance {
  projectId: string;
  status: string;
  hostname: string | null;
}
export interface SeenHost {
  up: boolean;
  silent: boolean;
  enabled: boolean;
  /** Announced, and neither completed nor enabled again since. */
  inMaintenance: boolean;
  announced: number;
  completed: number;
}
export interface SeenGroup {
  members: string[];
  apart: boolean;
  maxImpacted: number;
}

/** The cloud as the log shows it at one moment. */
export class World {
  readonly instances = new Map<string, SeenInstance>();
  readonly hosts = new Map<string, SeenHost>();
  readonly groups = new Map<string, SeenGroup>();
  readonly floatingIps = new Map<string, string | null>();
  readonly sessions = new Map<string, { state: string; reason?: string }>();

  host(hostname: string): SeenHost {
    let host = this.hosts.get(hostname);
    if (!host) {
      host = { up: true, silent: false, enabled: true, inMaintenance: false, announced: 0, completed: 0 };
      this.hosts.set(hostname, host);
    }
    return host;
  }

  apply(change: StateChange): void {
    switch (change.kind) {
      case 'instance':
        if (change.status === 'DELETED') this.instances.delete(change.id);
        else this.instances.set(change.id, change);
        return;
      case 'host': {
        const host = this.host(change.hostname);
        if (change.enabled && !host.enabled) host.inMaintenance = false;
        host.up = change.up;
        host.silent = change.silent === true;
        host.enabled = change.enabled;
        return;
      }
      case 'host_message': {
        const host = this.host(change.hostname);
        host.inMaintenance = change.state === 'IN_MAINTENANCE';
        if (change.state === 'IN_MAINTENANCE') host.announced++;
        else host.completed++;
        return;
      }
      case 'floating_ip':
        this.floatingIps.set(change.id, change.instanceId);
        return;
      case 'group':
        this.groups.set(change.id, change);
        return;
      case 'session':
        this.sessions.set(change.sessionId, change);
        return;
      case 'message':
    }
  }

  /** Why the address does not serve; undefined when it does. */
  outage(floatingIp: string): string | undefined {
    const id = this.floatingIps.get(floatingIp);
    if (!id) return `floating IP ${floatingIp} pointed nowhere`;
    const instance = this.instances.get(id);
    if (!instance) return `floating IP ${floatingIp} pointed at instance ${id}, which does not exist`;
    if (instance.status !== 'ACTIVE')
      return `floating IP ${floatingIp} pointed at instance ${id} in ${instance.status}`;
    const host = instance.hostname === null ? undefined : this.host(instance.hostname);
    if (!host) return `floating IP ${floatingIp} pointed at instance ${id}, which has no host`;
    if (!host.up && !host.silent)
      return `floating IP ${floatingIp} pointed at instance ${id} on ${instance.hostname}, which is down`;
    if (host.inMaintenance)
      return `floating IP ${floatingIp} pointed at instance ${id} on ${instance.hostname}, which is in maintenance`;
    return undefined;
  }

  /** What is wrong with placement at this moment, by a key that stays the same while it lasts. */
  misplaced(): { rule: 'empty_hosts' | 'anti_affinity' | 'impacted'; key: string; detail: string }[] {
    const found: ReturnType<World['misplaced']> = [];
    for (const [id, { hostname }] of this.instances)
      if (hostname !== null && this.hosts.get(hostname)?.inMaintenance)
        found.push({
          rule: 'empty_hosts',
          key: `${id} ${hostname}`,
          detail: `instance ${id} was on ${hostname}, which was in maintenance`,
        });
    for (const [groupId, group] of this.groups) {
      const members = group.members.flatMap((id) => {
        const instance = this.instances.get(id);
        return instance ? [{ id, ...instance }] : [];
      });
      const impacted = members.filter(({ status }) => status !== 'ACTIVE');
      if (impacted.length > group.maxImpacted)
        found.push({
          rule: 'impacted',
          key: groupId,
          detail: `${impacted.length} members of group ${groupId} were impacted, allowed ${group.maxImpacted}: ${impacted.map(({ id, status }) => `${id} ${status}`).join(', ')}`,
        });
      if (!group.apart) continue;
      const byHost = groupBy(
        members.filter(({ hostname }) => hostname !== null),
        ({ hostname }) => hostname,
      );
      for (const [hostname, together] of byHost)
        if (together.length > 1)
          found.push({
            rule: 'anti_affinity',
            key: `${groupId} ${hostname}`,
            detail: `members ${together.map(({ id }) => id).join(', ')} of group ${groupId} were on ${hostname}`,
          });
    }
    return found;
  }
}
