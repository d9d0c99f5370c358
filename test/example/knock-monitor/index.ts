import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { core, type DeployedHost, definePlugin, type Monitor, provide } from '@nfv-doctor/core/plugin-api';

/** A host is up while it takes a TCP connection on its first address. */
const knock = provide({
  role: 'monitor',
  type: 'knock',
  doc: 'knocks at a TCP port of each host',
  config: { interval: { doc: 'between two knocks, and how long to wait', format: 'duration', default: 200 } },
  deps: { clock: core.clock, events: core.events, reporter: core.faultReporter },
  create(ctx, { clock, events, reporter }): Monitor {
    const watched = new Map<string, { host: DeployedHost; status: string }>();

    const look = async (host: DeployedHost) => {
      const socket = connect({ host: host.addresses[0]!.address, port: host.addresses[0]!.port ?? 22 });
      const opened = once(socket, 'connect', { signal: AbortSignal.timeout(ctx.config.interval) });
      const status = await opened.then((): 'up' => 'up').catch((): 'down' => 'down');
      socket.destroy();
      const last = watched.get(host.hostname);
      if (!last || last.status === status) return;
      last.status = status;
      if (status === 'down') events.checkpoint({ name: 'T01', hostname: host.hostname });
      const details = { hostname: host.hostname, status, monitor: 'knock', monitor_event_id: randomUUID() };
      await reporter.report({
        time: new Date(clock.now()).toISOString(),
        type: `compute.host.${status}`,
        details,
      });
    };
    const lookAtAll = () => {
      for (const { host } of watched.values()) look(host).catch((error: unknown) => ctx.log.error(error));
    };
    const timer = clock.setInterval(lookAtAll, ctx.config.interval).unref();
    return {
      start: async () => {},
      stop: async () => timer.cancel(),
      watch: async (hosts) => hosts.forEach((host) => watched.set(host.hostname, { host, status: 'up' })),
      unwatch: async (hostnames) => hostnames.forEach((hostname) => watched.delete(hostname)),
      health: () => ({ status: 'up', detail: `${watched.size} hosts` }),
    };
  },
});

const manifest = { name: 'knock', version: '1.0.0', apiVersion: '^1.0.0' };
export default definePlugin({ manifest, provides: [knock] });
