import { newUuid } from '../ids.js';
import { bindPort } from '../neutron/ports.js';
import type { Cause } from '../notifications/notifications.js';
import { finish, NO_VALID_HOST } from './boot.js';
import type { ComputeHost } from './compute-host.js';
import type { Flavor, InstanceAction, Migration, Server } from './model.js';
import type { Nova } from './nova.js';
import { selectHost } from './scheduler.js';
import { changeState, work } from './transitions.js';

/** A move of a server that was accepted. */
interface Move {
  server: Server;
  source: ComputeHost;
  migration: Migration;
  cause: Cause;
  action: InstanceAction;
}

function begin(
  nova: Nova,
  server: Server,
  type: Migration['type'],
  status: string,
  cause: Cause,
  newFlavor: Flavor = server.flavor,
): Migration {
  const now = nova.clock.now();
  const migration: Migration = {
    number: nova.nextMigrationNumber(),
    uuid: newUuid(),
    server,
    type,
    status,
    source: server.host ?? '',
    destination: null,
    userId: cause.token?.user.id ?? server.userId,
    projectId: cause.token?.project?.id ?? server.projectId,
    oldFlavor: server.flavor.number,
    newFlavor: newFlavor.number,
    createdAt: now,
    updatedAt: now,
  };
  nova.migrations.add(migration);
  server.migration = migration;
  return migration;
}

function setStatus(nova: Nova, migration: Migration, status: string): void {
  migration.status = status;
  migration.updatedAt = nova.clock.now();
}

/** Nothing came of it: the server stays where and as it was, with a fault that says why. */
function giveUp(nova: Nova, move: Move, method: string, reason: string): void {
  const { server, migration, cause, action } = move;
  setStatus(nova, migration, 'error');
  server.migration = undefined;
  server.fault = { code: 500, message: reason, details: reason, createdAt: nova.clock.now() };
  action.message = 'Error';
  changeState(nova, server, { taskState: null }, cause);
  nova.notifier.taskFailed(cause, server, method, reason);
}

/** Somebody reset or deleted the server on the way: its place at the destination is free again. */
function abandon(nova: Nova, move: Move): void {
  const { server, migration, source } = move;
  setStatus(nova, migration, 'error');
  if (server.migration === migration) server.migration = undefined;
  const kept = nova.servers.get(server.id) === server ? server.host : null;
  for (const name of [source.hostname, migration.destination]) {
    if (name !== null && name !== kept) nova.hosts.get(name)?.release(server.id);
  }
}

/** Cold migration or resize: ends in VERIFY_RESIZE on another host, or with the server as it was. */
export function coldMigrate(
  nova: Nova,
  server: Server,
  options: { target?: string | undefined; flavor?: Flavor },
  cause: Cause,
  action: InstanceAction,
): void {
  const source = hostOf(nova, server);
  const flavor = options.flavor ?? server.flavor;
  const migration = begin(
    nova,
    server,
    options.flavor ? 'resize' : 'migration',
    'pre-migrating',
    cause,
    flavor,
  );
  const move = { server, source, migration, cause, action };
  const stopped = server.vmState === 'stopped';
  changeState(nova, server, { taskState: 'resize_prep' }, cause);
  const destination = selectHost(nova.hosts.values(), {
    server,
    flavor,
    target: options.target,
    exclude: [source.hostname],
  });
  if (destination === undefined) {
    // The answer is out before the scheduler has tried: the server is seen in resize_prep for a moment.
    nova.timers.after(0, () => {
      if (server.migration === migration) giveUp(nova, move, 'migrate_server', NO_VALID_HOST);
    });
    return;
  }
  destination.claim(server.id, flavor);
  migration.destination = destination.hostname;
  nova.notifier.step(cause, server, 'resize.prep.start', {}, 'resize_prep.start');
  const total = nova.options.migrationMs;
  const step = (share: number, host: ComputeHost, expect: Server['taskState'], done: () => void): void =>
    work(nova, { host, ms: total * share, server, expect, done, abandoned: () => abandon(nova, move) });
  step(0.2, destination, 'resize_prep', () => {
    nova.notifier.step(cause, server, 'resize.prep.end', {}, 'resize_prep.end');
    setStatus(nova, migration, 'migrating');
    changeState(nova, server, { taskState: 'resize_migrating' }, cause, source.hostname);
    nova.notifier.step(cause, server, 'resize.start');
    step(0.6, source, 'resize_migrating', () => {
      nova.servers.place(server, destination.hostname);
      setStatus(nova, migration, 'post-migrating');
      changeState(nova, server, { taskState: 'resize_migrated' }, cause, source.hostname);
      nova.notifier.step(cause, server, 'resize.end');
      bindPorts(nova, server, destination.hostname);
      changeState(nova, server, { taskState: 'resize_finish' }, cause, destination.hostname);
      nova.notifier.step(cause, server, 'finish_resize.start', {}, 'resize_finish.start');
      step(0.2, destination, 'resize_finish', () => arrive());
    });
  });

  function arrive(): void {
    if (flavor !== server.flavor) swapFlavor(nova, server, flavor);
    server.launchedAt = nova.clock.now();
    setStatus(nova, migration, 'finished');
    const powerState = stopped ? 4 : 1;
    changeState(
      nova,
      server,
      { vmState: 'resized', taskState: null, powerState },
      cause,
      server.host ?? undefined,
    );
    finish(nova, action, 'compute_finish_resize', hostOf(nova, server));
    nova.notifier.step(cause, server, 'finish_resize.end', {}, 'resize_finish.end');
  }
}

function swapFlavor(nova: Nova, server: Server, flavor: Flavor): void {
  nova.count(server, -1);
  server.oldFlavor = server.flavor;
  server.flavor = flavor;
  nova.count(server, 1);
}

/** Whether a finished move waits for its confirmation. */
export const awaitsConfirmation = (server: Server): boolean => server.migration?.status === 'finished';

/** Confirms a move: the place on the source is free. */
export function confirm(nova: Nova, server: Server, cause: Cause, action: InstanceAction): void {
  const migration = server.migration as Migration;
  const source = nova.hosts.get(migration.source) as ComputeHost;
  setStatus(nova, migration, 'confirming');
  nova.notifier.step(cause, server, 'resize.confirm.start', {}, 'resize_confirm.start');
  work(nova, {
    host: source,
    ms: nova.options.confirmMs,
    server,
    expect: null,
    done: () => {
      source.release(server.id);
      setStatus(nova, migration, 'confirmed');
      server.migration = undefined;
      server.oldFlavor = undefined;
      // An administrator may have reset the state meanwhile; that one stands.
      const vmState =
        server.vmState !== 'resized' ? server.vmState : server.powerState === 4 ? 'stopped' : 'active';
      changeState(nova, server, { vmState, taskState: null }, cause, server.host ?? undefined);
      finish(nova, action, 'compute_confirm_resize', source);
      nova.notifier.step(cause, server, 'resize.confirm.end', {}, 'resize_confirm.end');
    },
    abandoned: () => source.release(server.id),
  });
}

/** Takes a move back: the server runs on the source again. */
export function revert(nova: Nova, server: Server, cause: Cause, action: InstanceAction): void {
  const migration = server.migration as Migration;
  const source = nova.hosts.get(migration.source) as ComputeHost;
  const destination = hostOf(nova, server);
  setStatus(nova, migration, 'reverting');
  changeState(nova, server, { taskState: 'resize_reverting' }, cause);
  nova.notifier.step(cause, server, 'resize.revert.start', {}, 'resize_revert.start');
  work(nova, {
    host: source,
    ms: nova.options.confirmMs,
    server,
    expect: 'resize_reverting',
    done: () => {
      destination.release(server.id);
      nova.servers.place(server, source.hostname);
      bindPorts(nova, server, source.hostname);
      setStatus(nova, migration, 'reverted');
      server.migration = undefined;
      if (server.oldFlavor !== undefined) swapFlavor(nova, server, server.oldFlavor);
      server.oldFlavor = undefined;
      const vmState = server.powerState === 4 ? 'stopped' : 'active';
      changeState(nova, server, { vmState, taskState: null }, cause, source.hostname);
      finish(nova, action, 'compute_finish_revert_resize', source);
      nova.notifier.step(cause, server, 'resize.revert.end', {}, 'resize_revert.end');
    },
    abandoned: () => destination.release(server.id),
  });
}

/** Live migration: the server stays ACTIVE all the while. */
export function liveMigrate(
  nova: Nova,
  server: Server,
  target: string | undefined,
  cause: Cause,
  action: InstanceAction,
): void {
  const source = hostOf(nova, server);
  const migration = begin(nova, server, 'live-migration', 'accepted', cause);
  const move = { server, source, migration, cause, action };
  changeState(nova, server, { taskState: 'migrating' }, cause);
  const reason = source.isUp()
    ? NO_VALID_HOST
    : `Compute service of ${source.hostname} is unavailable at this time.`;
  const destination = source.isUp()
    ? selectHost(nova.hosts.values(), { server, flavor: server.flavor, target, exclude: [source.hostname] })
    : undefined;
  if (destination === undefined) {
    nova.timers.after(0, () => {
      if (server.migration === migration) giveUp(nova, move, 'migrate_server', reason);
    });
    return;
  }
  destination.claim(server.id, server.flavor);
  migration.destination = destination.hostname;
  setStatus(nova, migration, 'running');
  nova.notifier.step(cause, server, 'live_migration.pre.start', {}, 'live_migration_pre.start');
  work(nova, {
    host: source,
    ms: nova.options.liveMigrationMs,
    server,
    expect: 'migrating',
    done: () => {
      nova.notifier.step(cause, server, 'live_migration._post.start', {}, 'live_migration_post.start');
      source.release(server.id);
      nova.servers.place(server, destination.hostname);
      bindPorts(nova, server, destination.hostname);
      setStatus(nova, migration, 'completed');
      server.migration = undefined;
      changeState(nova, server, { taskState: null }, cause, destination.hostname);
      finish(nova, action, 'compute_live_migration', source);
      const name = 'live_migration.post.dest.host.end';
      nova.notifier.step(cause, server, name, {}, 'live_migration_post_dest.end');
      nova.notifier.step(cause, server, 'live_migration._post.end', {}, 'live_migration_post.end');
    },
    abandoned: () => abandon(nova, move),
  });
}

/** Rebuilds the server of a dead host on another one. */
export function evacuate(
  nova: Nova,
  server: Server,
  target: string | undefined,
  cause: Cause,
  action: InstanceAction,
): void {
  const source = hostOf(nova, server);
  const migration = begin(nova, server, 'evacuation', 'accepted', cause);
  const move = { server, source, migration, cause, action };
  changeState(nova, server, { taskState: 'rebuilding' }, cause);
  const destination = selectHost(nova.hosts.values(), {
    server,
    flavor: server.flavor,
    target,
    exclude: [source.hostname],
  });
  if (destination === undefined) {
    nova.timers.after(0, () => {
      if (server.migration === migration) giveUp(nova, move, 'rebuild_server', NO_VALID_HOST);
    });
    return;
  }
  destination.claim(server.id, server.flavor);
  migration.destination = destination.hostname;
  setStatus(nova, migration, 'pre-migrating');
  nova.notifier.step(cause, server, 'rebuild.start');
  work(nova, {
    host: destination,
    ms: nova.options.bootMs,
    server,
    expect: 'rebuilding',
    done: () => {
      source.release(server.id);
      nova.servers.place(server, destination.hostname);
      bindPorts(nova, server, destination.hostname);
      server.launchedAt = nova.clock.now();
      server.fault = undefined;
      server.migration = undefined;
      setStatus(nova, migration, 'done');
      // The source's nova-compute finds the leftover when it is back and closes the record.
      source.whenReachable(() => setStatus(nova, migration, 'completed'));
      const change = { vmState: 'active', taskState: null, powerState: 1 } as const;
      changeState(nova, server, change, cause, destination.hostname);
      finish(nova, action, 'compute_rebuild_instance', destination);
      nova.notifier.step(cause, server, 'rebuild.end');
    },
    abandoned: () => abandon(nova, move),
  });
}

function bindPorts(nova: Nova, server: Server, host: string): void {
  for (const port of server.ports) bindPort(nova.neutron, port, host, 'ACTIVE');
}

function hostOf(nova: Nova, server: Server): ComputeHost {
  const host = nova.hosts.get(server.host ?? '');
  if (host === undefined) throw new Error(`server ${server.id} has no host`);
  return host;
}
