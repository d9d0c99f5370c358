import { createPort, bindPort, removePort } from '../neutron/ports.js';
import type { Network, Port } from '../neutron/neutron.js';
import type { Cause } from '../notifications/notifications.js';
import type { ComputeHost } from './compute-host.js';
import type { InstanceAction, Server } from './model.js';
import type { Nova } from './nova.js';
import { selectHost } from './scheduler.js';
import { changeState, work } from './transitions.js';

/** What a server is connected to: networks to make ports on, or ports that are there. */
export type Connection = { network: Network; address?: string } | { port: Port };

/** The fault of an instance for which there is no place. */
export const NO_VALID_HOST = 'No valid host was found. There are not enough hosts available.';

/** Schedules and boots a new server; it is ACTIVE after the boot time, or in ERROR at once. */
export function boot(
  nova: Nova,
  server: Server,
  connections: readonly Connection[],
  target: string | undefined,
  cause: Cause,
  action: InstanceAction,
): void {
  const host = selectHost(nova.hosts.values(), { server, flavor: server.flavor, target });
  if (host === undefined) {
    failBoot(nova, server, NO_VALID_HOST, cause, action);
    nova.notifier.taskFailed(cause, server, 'build_instances', NO_VALID_HOST);
    return;
  }
  host.claim(server.id, server.flavor);
  nova.servers.place(server, host.hostname);
  nova.notifier.step(cause, server, 'create.start', { image_name: '' });
  changeState(nova, server, { taskState: 'spawning' }, cause, host.hostname);
  try {
    connect(nova, server, connections, host);
  } catch (error) {
    host.release(server.id);
    failBoot(nova, server, (error as Error).message, cause, action);
    nova.notifier.step(cause, server, 'create.error', { message: (error as Error).message });
    return;
  }
  work(nova, {
    host,
    ms: nova.options.bootMs,
    server,
    expect: 'spawning',
    done: () => {
      server.launchedAt = nova.clock.now();
      for (const port of server.ports) bindPort(nova.neutron, port, host.hostname, 'ACTIVE');
      changeState(nova, server, { vmState: 'active', taskState: null, powerState: 1 }, cause, host.hostname);
      finish(nova, action, 'compute__do_build_and_run_instance', host);
      nova.notifier.step(cause, server, 'create.end', { image_name: '', message: 'Success' });
    },
    // Somebody reset its state while it booted: the guest runs all the same.
    abandoned: () => {
      server.launchedAt ??= nova.clock.now();
      server.powerState = 1;
      for (const port of server.ports) bindPort(nova.neutron, port, host.hostname, 'ACTIVE');
    },
  });
}

function failBoot(nova: Nova, server: Server, message: string, cause: Cause, action: InstanceAction): void {
  server.fault = { code: 500, message, details: message, createdAt: nova.clock.now() };
  action.message = 'Error';
  changeState(nova, server, { vmState: 'error', taskState: null }, cause);
}

function connect(nova: Nova, server: Server, connections: readonly Connection[], host: ComputeHost): void {
  for (const connection of connections) {
    const use = {
      projectId: server.projectId,
      deviceId: server.id,
      deviceOwner: `compute:${server.zone}`,
      host: host.hostname,
    };
    if ('network' in connection) {
      const { network, address } = connection;
      server.ports.push(
        createPort(nova.neutron, network, { ...use, ...(address !== undefined && { address }) }),
      );
      continue;
    }
    const { port } = connection;
    server.givenPorts.add(port.id);
    nova.neutron.ports.update(port, { device_id: server.id, device_owner: use.deviceOwner });
    bindPort(nova.neutron, port, host.hostname, 'DOWN');
    server.ports.push(port);
  }
}

/** Ends an action of the history well. */
export function finish(nova: Nova, action: InstanceAction, event: string, host: ComputeHost): void {
  const now = nova.clock.now();
  action.updatedAt = now;
  action.events.push({
    event,
    startedAt: action.startedAt,
    finishedAt: now,
    result: 'Success',
    host: host.hostname,
  });
}

/** Deletes a server; through its nova-compute when that is up, else by the API itself. */
export function deleteServer(nova: Nova, server: Server, cause: Cause): void {
  const host = server.host === null ? undefined : nova.hosts.get(server.host);
  changeState(nova, server, { taskState: 'deleting' }, cause);
  nova.notifier.step(cause, server, 'delete.start');
  if (host === undefined || !host.isUp()) {
    destroy(nova, server, cause);
    return;
  }
  work(nova, {
    host,
    ms: nova.options.deleteMs,
    server,
    expect: 'deleting',
    done: () => destroy(nova, server, cause),
    abandoned: () => {
      if (nova.servers.get(server.id) === server) destroy(nova, server, cause);
    },
  });
}

function destroy(nova: Nova, server: Server, cause: Cause): void {
  const { host } = server;
  for (const name of [host, server.migration?.source, server.migration?.destination]) {
    if (name) nova.hosts.get(name)?.release(server.id);
  }
  for (const port of server.ports) {
    if (server.givenPorts.has(port.id)) {
      nova.neutron.ports.update(port, { device_id: '', device_owner: '' });
      bindPort(nova.neutron, port, '', 'DOWN');
    } else if (nova.neutron.ports.get(port.id) === port) removePort(nova.neutron, cause, port);
  }
  nova.servers.remove(server);
  nova.count(server, -1);
  server.group?.members.delete(server);
  server.terminatedAt = nova.clock.now();
  changeState(nova, server, { vmState: 'deleted', taskState: null, powerState: 0 }, cause, host ?? undefined);
  nova.notifier.step(cause, server, 'delete.end');
}
