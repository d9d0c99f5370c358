import { createSocket, type Socket } from 'node:dgram';
import type { CloudClock, CloudTimer } from '../../cloud/clock.js';
import type { WatchedHost } from './watched-hosts.js';

/** So many probes in a row decide: one lost packet says nothing. */
const IN_A_ROW = 2;
/** A reply counts within this part of the interval, as collectd's ping plugin wants it. */
const PATIENCE = 0.9;

interface Watch {
  host: WatchedHost;
  /** undefined: not known yet. */
  isUp: boolean | undefined;
  answered: boolean;
  /** Probes in a row that contradict `isUp`. */
  against: number;
}

/** Sends a UDP datagram to every host at an interval and tells when one falls silent and when it is back. */
export class HostProber {
  readonly #watches = new Map<string, Watch>();
  #socket: Socket | undefined;
  #timer: CloudTimer | undefined;
  #round = 0;

  /**
   * @param tell called once per change
   * @param tellsFirst whether the first state is told, too; else every host is taken to be up
   */
  constructor(
    readonly clock: CloudClock,
    readonly intervalMs: number,
    readonly tell: (host: WatchedHost, isUp: boolean) => void,
    readonly tellsFirst = false,
  ) {}

  async start(hosts: readonly WatchedHost[]): Promise<void> {
    for (const host of hosts)
      this.#watches.set(`${host.address}:${host.port}`, {
        host,
        isUp: this.tellsFirst ? undefined : true,
        answered: false,
        against: 0,
      });
    const socket = createSocket('udp4');
    this.#socket = socket;
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(0, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    // a host without link may be unreachable at once: that is no answer, and no error of the prober
    socket.on('error', () => {});
    socket.on('message', (message, from) => {
      if (Number(message.toString()) !== this.#round) return;
      const watch = this.#watches.get(`${from.address}:${from.port}`);
      if (watch) watch.answered = true;
    });
    this.#probe();
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket) await new Promise<void>((resolve) => socket.close(() => resolve()));
  }

  #probe(): void {
    this.#round += 1;
    for (const watch of this.#watches.values()) {
      watch.answered = false;
      this.#socket?.send(String(this.#round), watch.host.port, watch.host.address, () => {});
    }
    this.#timer = this.clock.setTimeout(() => {
      // answers that are in the socket already are read first: this process may have been busy
      setImmediate(() => setImmediate(() => this.#look()));
    }, this.intervalMs * PATIENCE);
  }

  #look(): void {
    if (!this.#socket) return;
    for (const watch of this.#watches.values()) {
      watch.against = watch.answered === watch.isUp ? 0 : watch.against + 1;
      if (watch.isUp !== undefined && watch.against < IN_A_ROW) continue;
      watch.against = 0;
      watch.isUp = watch.answered;
      this.tell(watch.host, watch.isUp);
    }
    this.#timer = this.clock.setTimeout(() => this.#probe(), this.intervalMs * (1 - PATIENCE));
  }
}
