import type { Cause } from '../notifications/notifications.js';
import type { ComputeHost } from './compute-host.js';
import type { Server, TaskState, VmState } from './model.js';
import type { Nova } from './nova.js';

/** What changes in a server's state. */
export interface Change {
  vmState?: VmState;
  taskState?: TaskState;
  powerState?: number;
}

/**
 * Changes a server's state and tells the bus, as saving an instance does in Nova.
 * @param by host whose nova-compute did it; undefined: the API
 */
export function changeState(nova: Nova, server: Server, change: Change, cause: Cause, by?: string): void {
  const old = { vmState: server.vmState, taskState: server.taskState };
  if (change.vmState !== undefined) server.vmState = change.vmState;
  if (change.taskState !== undefined) server.taskState = change.taskState;
  if (change.powerState !== undefined) server.powerState = change.powerState;
  server.updatedAt = nova.clock.now();
  nova.notifier.update(cause, server, old, by);
}

/** A piece of work of a host's nova-compute. */
export interface Work {
  host: ComputeHost;
  ms: number;
  server: Server;
  /** Task state in which the work finds the server, else it is given up. */
  expect: TaskState;
  done: () => void;
  /** The server is gone, or somebody reset its state meanwhile. */
  abandoned?: () => void;
}

/** Lets nova-compute work for a time; a host that cannot be reached gets to it when it can. */
export function work(nova: Nova, { host, ms, server, expect, done, abandoned }: Work): void {
  nova.timers.after(ms, () => {
    host.whenReachable(() => {
      if (nova.servers.get(server.id) === server && server.taskState === expect) done();
      else abandoned?.();
    });
  });
}
