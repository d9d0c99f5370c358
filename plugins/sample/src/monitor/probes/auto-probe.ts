import type { HostAddress, ProbeKind } from '@nfv-doctor/core/plugin-api';
import type { Probe, ProbeTiming, ResultListener, Watched } from './probe.js';

const kindOf = ({ probes }: HostAddress): ProbeKind => probes?.[0] ?? 'icmp';

/**
 * Probes each address in the way that its deployment says is best there, and by ICMP where it says nothing. A way is
 * started when the first address needs it, so that one that cannot work here (ICMP without rights) is no obstacle to
 * the others.
 */
export class AutoProbe implements Probe {
  readonly #started = new Map<ProbeKind, Probe>();
  #starting: Promise<unknown> = Promise.resolve();

  constructor(readonly make: (kind: ProbeKind) => Probe) {}

  get name(): string {
    return Array.from(this.#started.values(), ({ name }) => name).join(' and ') || 'auto';
  }

  async start(): Promise<void> {}

  /** One after another: two hosts that need the same way share it. */
  prepare(addresses: readonly HostAddress[], signal: AbortSignal): Promise<void> {
    const prepared = this.#starting.then(async () => {
      for (const kind of new Set(addresses.map(kindOf))) {
        if (this.#started.has(kind)) continue;
        const probe = this.make(kind);
        await probe.start(signal);
        this.#started.set(kind, probe);
      }
    });
    this.#starting = prepared.catch(() => {});
    return prepared;
  }

  watch(address: HostAddress, timing: ProbeTiming, listener: ResultListener): Watched {
    const probe = this.#started.get(kindOf(address));
    if (!probe) throw new Error(`${address.address} was not prepared`);
    return probe.watch(address, timing, listener);
  }

  async stop(): Promise<void> {
    await this.#starting;
    const probes = [...this.#started.values()];
    this.#started.clear();
    await Promise.all(probes.map((probe) => probe.stop()));
  }

  problem(): string | undefined {
    for (const probe of this.#started.values()) {
      const problem = probe.problem?.();
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
}
