import type { Clock, HostAddress, Logger } from '@nfv-doctor/core/plugin-api';
import { RawIcmpSender } from './icmp-raw.js';
import { PolledProbe } from './polled-probe.js';
import type { Probe, ProbeTiming, ResultListener, Watched } from './probe.js';
import { fping, ping, SystemPingProbe } from './system-ping.js';

export type IcmpWay = 'auto' | 'raw' | 'fping' | 'ping';

/** ICMP echo, the first way that works here. */
export class IcmpProbe implements Probe {
  #probe: Probe | undefined;

  constructor(
    readonly way: IcmpWay,
    readonly clock: Clock,
    readonly log: Logger,
    readonly maxLoopLag: number,
  ) {}

  get name(): string {
    return this.#probe?.name ?? 'icmp';
  }

  /** Throws the DoctorError of the last way when none works. */
  async start(signal: AbortSignal): Promise<void> {
    const ways = this.way === 'auto' ? (['raw', 'fping', 'ping'] as const) : [this.way];
    for (const [index, way] of ways.entries()) {
      const probe = this.#make(way);
      try {
        await probe.start(signal);
        this.#probe = probe;
        return;
      } catch (error) {
        if (index === ways.length - 1) throw error;
        const why = error instanceof Error ? error.message : String(error);
        this.log.info({ event: 'monitor.icmp_way', way, why }, `icmp: not with ${way}: ${why}`);
      }
    }
  }
  watch(address: HostAddress, timing: ProbeTiming, listener: ResultListener): Watched {
    return this.#probe!.watch(address, timing, listener);
  }
  async stop(): Promise<void> {
    await this.#probe?.stop();
    this.#probe = undefined;
  }
  problem(): string | undefined {
    return this.#probe?.problem?.();
  }

  #make(way: Exclude<IcmpWay, 'auto'>): Probe {
    if (way === 'raw')
      return new PolledProbe(new RawIcmpSender(), this.clock, { maxLoopLag: this.maxLoopLag });
    return new SystemPingProbe(way === 'fping' ? fping : ping, this.clock);
  }
}
