import { type EventBus, createEventBus } from '../bus/index.js';
import type { Clock } from '../domain/clock.js';
import type { Logger } from '../log/index.js';
import { core, type RunInfo } from '../plugin-api/tokens.js';
import type { Inspector } from '../roles/inspector.js';
import type { Configuration } from './configuration.js';
import { createServices, type Services } from './di.js';

export interface HostServices {
  services: Services;
  events: EventBus;
  /** Run after all roles have started; a failure fails the start. */
  warmUps: (() => Promise<void>)[];
  /** Run after all roles have stopped, last one first. */
  closers: { name: string; close: () => void | Promise<void> }[];
}

interface HostInput {
  config: Configuration;
  clock: Clock;
  log: Logger;
  run: RunInfo;
}

/** What the host itself provides. Heavy parts are imported only when a selected plugin asks for them. */
export async function provideHostServices({ config, clock, log, run }: HostInput): Promise<HostServices> {
  const services = createServices();
  const closers: HostServices['closers'] = [];
  const warmUps: HostServices['warmUps'] = [];
  const events = createEventBus(clock, log);
  services.provide(core.clock, clock);
  services.provide(core.log, log);
  services.provide(core.events, events);
  services.provide(core.run, run);
  const asked = new Set(config.order.flatMap((role) => [...(config.selections.get(role)?.needs.host ?? [])]));
  if (asked.has(core.http)) {
    const { createHttpKit } = await import('../http/index.js');
    services.provide(core.http, createHttpKit({ clock, log }));
  }
  if (asked.has(core.store)) {
    const { createStore } = await import('../store/index.js');
    const store = createStore({ ...config.section<{ url: string; folder: string }>('store'), log });
    services.provide(core.store, store);
    closers.push({ name: 'store', close: () => store.close() });
  }
  if (asked.has(core.faultReporter)) {
    const { createFaultReporter } = await import('./fault-reporter.js');
    const { remote_url = '', token = '' } = config.section<Record<string, string>>('inspector');
    const reporter = createFaultReporter({
      clock,
      log: log.child({ part: 'fault-reporter' }),
      inspector: () => services.get<Inspector>(core.inspector),
      remoteUrl: remote_url,
      token,
      timeoutMs: config.section<{ report_timeout: number }>('host').report_timeout,
    });
    services.provide(core.faultReporter, reporter);
    warmUps.push(() => reporter.warmUp());
    closers.push({ name: 'fault reporter', close: () => reporter.close() });
  }
  return { services, events, warmUps, closers };
}
