import { setMaxListeners } from 'node:events';
import {
  type Clock,
  type DeployedHost,
  DoctorError,
  type EventBus,
  type FaultReporter,
  type Health,
  type Logger,
  type Monitor,
  type ProbeKind,
  type Store,
} from '@nfv-doctor/core/plugin-api';
import type { MonitorConfig } from './config.js';
import { describeRule, HostState, PlaneState } from './host-policy.js';
import { KnownDown } from './known-down.js';
import { AutoProbe } from './probes/auto-probe.js';
import { IcmpProbe, type IcmpWay } from './probes/icmp.js';
import { PolledProbe } from './probes/polled-probe.js';
import type { Probe, ProbeResult, Watched } from './probes/probe.js';
import { TcpSender } from './probes/tcp.js';
import { UdpSender } from './probes/udp.js';
import { Reports } from './reports.js';
import { canaries, configuredHosts, type HostSettings, readSettings } from './settings.js';

export interface MonitorDeps {
  clock: Clock;
  events: EventBus;
  store: Store;
  faultReporter: FaultReporter;
}

interface WatchedHost {
  hostname: string;
  settings: HostSettings;
  state: HostState;
  watched: Watched[];
  /** Silent, and held because nobody else answers either. */
  suspected: boolean;
  seen: () => void;
}

/** Monitor `sample`: Doctor's own. */
export class SampleMonitor implements Monitor {
  readonly #settings: (hostname: string) => HostSettings;
  readonly #hosts = new Map<string, WatchedHost>();
  readonly #canaries: Watched[] = [];
  #probe: Probe | undefined;
  #reports: Reports | undefined;
  #knownDown: KnownDown | undefined;
  /** When any host or canary last answered: proof that the own network works. */
  #lastAnswerAt = Number.NEGATIVE_INFINITY;

  constructor(
    readonly config: MonitorConfig,
    readonly deps: MonitorDeps,
    readonly log: Logger,
    readonly makeProbe: () => Probe = () => this.#makeProbe(),
  ) {
    this.#settings = readSettings(config);
    configuredHosts(config);
    canaries(config);
  }

  async start(signal: AbortSignal): Promise<void> {
    if (this.#probe) return;
    const { clock, faultReporter, store } = this.deps;
    const knownDown = await KnownDown.open(store, this.log);
    const probe = this.makeProbe();
    await probe.start(signal);
    this.#probe = probe;
    this.#knownDown = knownDown;
    this.#reports = new Reports(
      { reporter: faultReporter, clock, log: this.log },
      ({ hostname, status }) => void knownDown.set(hostname, status === 'down'),
    );
    const { timing } = this.#settings('');
    const configured = configuredHosts(this.config);
    const addresses = configured.flatMap((host) => host.addresses);
    await probe.prepare?.([...canaries(this.config), ...addresses], signal);
    for (const address of canaries(this.config))
      this.#canaries.push(probe.watch(address, timing, (result) => this.#witness(result)));
    for (const host of configured) void this.#add(host);
    this.log.info({ event: 'monitor.started', probe: probe.name }, `monitor probes with ${probe.name}`);
  }

  async stop(_signal: AbortSignal): Promise<void> {
    const probe = this.#probe;
    if (!probe) return;
    this.#probe = undefined;
    for (const canary of this.#canaries.splice(0)) canary.stop();
    await this.unwatch([...this.#hosts.keys()]);
    await this.#reports?.stop();
    await probe.stop();
  }

  health(): Health {
    if (!this.#probe) return { status: 'down', detail: 'the monitor is not started' };
    const suspected = [...this.#hosts.values()].filter((host) => host.suspected).length;
    const problem =
      this.#probe.problem?.() ??
      this.#reports?.problem ??
      (suspected > 0
        ? `no host answers; the monitor's own network is suspected (${suspected} hosts are held)`
        : undefined);
    return problem ? { status: 'degraded', detail: problem } : { status: 'up', detail: '' };
  }

  async watch(hosts: readonly DeployedHost[], signal?: AbortSignal): Promise<void> {
    const probe = this.#probe;
    if (!probe) throw new DoctorError('ABORTED', 'the monitor is not started');
    // each host listens to it
    if (signal) setMaxListeners(0, signal);
    for (const host of hosts) checkHost(host, this.config.probe);
    const addresses = hosts.flatMap((host) => host.addresses);
    if (probe.prepare) await probe.prepare(addresses, signal ?? new AbortController().signal);
    await Promise.all(hosts.map((host) => this.#add(host, signal)));
  }

  async unwatch(hostnames: readonly string[]): Promise<void> {
    for (const hostname of hostnames) this.#remove(hostname);
  }

  #remove(hostname: string): void {
    const host = this.#hosts.get(hostname);
    if (!host) return;
    this.#hosts.delete(hostname);
    for (const watched of host.watched) watched.stop();
    this.#reports?.forget(hostname);
    host.seen();
  }

  /** Resolves when the host was seen to answer, is unwatched, or `signal` is aborted. */
  async #add({ hostname, addresses }: DeployedHost, signal?: AbortSignal): Promise<void> {
    this.#remove(hostname);
    const settings = this.#settings(hostname);
    const planes = addresses.map(({ plane, address }) => new PlaneState(plane, address));
    const { promise: seen, resolve } = withResolvers();
    const host: WatchedHost = {
      hostname,
      settings,
      state: new HostState(
        planes,
        settings.policy,
        this.config.unseen === 'report',
        this.#knownDown!.has(hostname),
      ),
      watched: [],
      suspected: false,
      seen: resolve,
    };
    this.#hosts.set(hostname, host);
    try {
      addresses.forEach((address, index) =>
        host.watched.push(
          this.#probe!.watch(address, settings.timing, (result) =>
            this.#result(host, planes[index]!, result),
          ),
        ),
      );
    } catch (error) {
      this.#remove(hostname);
      throw error;
    }
    signal?.addEventListener('abort', resolve, { once: true });
    if (signal?.aborted) resolve();
    await seen;
    signal?.removeEventListener('abort', resolve);
  }

  #result(host: WatchedHost, plane: PlaneState, result: ProbeResult): void {
    this.#witness(result);
    if (result.outcome === 'answered') {
      host.seen();
      host.suspected = false;
    }
    if (host.state.view !== 'down' && result.outcome === 'missed' && this.#isAlone(host, plane, result))
      return;
    this.#decide(host, host.state.take(plane, result), result.at);
  }

  /** Somebody answered: the own network works, and who is silent now is silent by itself. */
  #witness({ outcome, at }: ProbeResult): void {
    if (outcome !== 'answered') return;
    this.#lastAnswerAt = Math.max(this.#lastAnswerAt, at);
  }

  /**
   * Whether nobody else has answered in the second half of the time that the host was given.
   * The miss is then not counted: the next one decides, when by then somebody has answered.
   */
  #isAlone(host: WatchedHost, plane: PlaneState, { sentAt, at }: ProbeResult): boolean {
    if (this.config.on_all_lost !== 'suspect') return false;
    const alone = this.#lastAnswerAt < (sentAt + at) / 2 && plane.misses + 1 >= host.settings.policy.misses;
    if (alone && !host.suspected)
      this.log.warn(
        { event: 'monitor.suspects_itself', hostname: host.hostname },
        `${host.hostname} is silent, but so is everybody else: the monitor's own network is suspected`,
      );
    host.suspected = alone;
    return alone;
  }

  #decide(host: WatchedHost, verdict: ReturnType<HostState['take']>, at: number): void {
    if (verdict === undefined || verdict === 'seen') return;
    const { hostname, state, settings } = host;
    const { clock, events } = this.deps;
    host.suspected = false;
    const rule =
      verdict === 'down'
        ? `misses>=${settings.policy.misses} on ${describeRule(settings.policy.planes)}`
        : `answers>=${settings.policy.upAfter}${state.isFlapping(at) ? `, none missed for ${settings.policy.flapHold} ms (flapping)` : ''}`;
    if (verdict === 'down') events.checkpoint({ name: 'T01', at, hostname });
    const wallClock = clock.now() - (clock.monotonic() - at);
    this.#reports!.add({
      hostname,
      status: verdict,
      at: wallClock,
      cause: this.#cause(host, verdict, at, rule),
    });
    events.emit(`host.${verdict}`, {
      hostname,
      monitor: 'sample',
      evidence: { rule, at, probe: this.#probe!.name, ...state.evidence() },
    });
    this.log.warn({ event: `host.${verdict}`, hostname, rule }, `${hostname} is ${verdict}: ${rule}`);
  }

  #cause({ state }: WatchedHost, verdict: 'down' | 'up', at: number, rule: string): string {
    const planes = state.planes.map(({ plane, address, misses, lastAnswerAt }) => {
      const ago = Number.isNaN(lastAnswerAt)
        ? 'never answered'
        : `last answer ${Math.round(at - lastAnswerAt)} ms ago`;
      return `${plane} ${address}: ${misses > 0 ? `${misses} missed in a row, ` : ''}${ago}`;
    });
    const what = verdict === 'down' ? 'no answer' : 'answers again';
    return `${what} to ${this.#probe!.name} (${rule}); ${planes.join('; ')}`;
  }

  #makeProbe(kind = this.config.probe): Probe {
    const { config, deps, log } = this;
    const options = { maxLoopLag: config.max_loop_lag };
    if (kind === 'auto') return new AutoProbe((each) => this.#makeProbe(each));
    if (kind === 'udp') return new PolledProbe(new UdpSender(config.port), deps.clock, options);
    if (kind === 'tcp')
      return new PolledProbe(new TcpSender(config.port, config.refused_is_alive), deps.clock, options);
    return new IcmpProbe(config.icmp_with as IcmpWay, deps.clock, log, config.max_loop_lag);
  }
}

/** A probe that cannot tell a dead host from a living one would watch for ever and see nothing. */
function checkHost({ hostname, addresses }: DeployedHost, probe: string): void {
  if (addresses.length === 0)
    throw new DoctorError('INPUT_INVALID', `host ${hostname} has no address to probe`, {
      details: { field: 'addresses' },
    });
  for (const { address, probes } of addresses)
    if (probe !== 'auto' && probes && !probes.includes(probe as ProbeKind))
      throw new DoctorError(
        'CONFIG_INVALID',
        `monitor.probe: ${probe} cannot tell whether ${hostname} (${address}) is alive; set it to auto, or to ${probes.join(' or ')}`,
        { details: { field: 'monitor.probe' } },
      );
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
