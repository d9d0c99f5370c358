import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { BACKLOG, DeadListener } from './dead-listener.js';
import type { HostNetwork } from './host-network.js';

/** How often a free port is sought that TCP and UDP can share. */
const PORT_TRIES = 20;

/**
 * A host on an address of its own, echoing TCP and UDP on one port.
 *
 * While its link is cut, UDP datagrams are not answered (and raise no ICMP error: the socket stays open), open TCP
 * connections hang, and new ones are neither accepted nor refused. The kernel itself answers ICMP echo for all of
 * 127/8: that cannot be cut here, network namespaces are for that.
 */
export class EchoResponder implements HostNetwork {
  readonly address: string;
  #port = 0;
  #tcp: Server | undefined;
  #udp: UdpSocket | undefined;
  #cut = false;
  #dead: DeadListener | undefined;
  readonly #connections = new Set<Socket>();

  constructor(address: string) {
    this.address = address;
  }

  get port(): number {
    return this.#port;
  }

  /** Opens both sockets; rejects with the system's error when the address cannot be bound. */
  async open(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      await this.#listen(0);
      try {
        await this.#bindUdp();
        return;
      } catch (error) {
        await this.#stopListening();
        if (tries === PORT_TRIES) throw error;
      }
    }
  }

  async cut(): Promise<void> {
    if (this.#cut) return;
    this.#cut = true;
    // A paused socket takes nothing out of the kernel any more: the peer sees silence, not a reset.
    for (const socket of this.#connections) socket.pause();
    const server = this.#tcp;
    this.#tcp = undefined;
    if (server !== undefined) this.#dead = await DeadListener.takeOver(server);
  }

  async restore(): Promise<void> {
    if (!this.#cut) return;
    await this.#dead?.release();
    this.#dead = undefined;
    await this.#listen(this.#port);
    this.#cut = false;
    for (const socket of this.#connections) socket.resume();
  }

  async close(): Promise<void> {
    for (const socket of this.#connections) socket.destroy();
    await this.#dead?.release();
    this.#dead = undefined;
    await this.#stopListening();
    const udp = this.#udp;
    this.#udp = undefined;
    if (udp !== undefined) await new Promise<void>((resolve) => udp.close(() => resolve()));
  }

  async #listen(port: number): Promise<void> {
    const server = createServer((socket) => this.#accept(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: this.address, port, exclusive: true, backlog: BACKLOG }, () => {
        server.off('error', reject);
        resolve();
      });
    });
    this.#tcp = server;
    const bound = server.address();
    if (bound !== null && typeof bound !== 'string') this.#port = bound.port;
  }

  /** Ends listening at once; open connections stay as they are. */
  async #stopListening(): Promise<void> {
    const server = this.#tcp;
    this.#tcp = undefined;
    server?.close();
  }

  #accept(socket: Socket): void {
    this.#connections.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#connections.delete(socket));
    socket.on('data', (data) => {
      if (!this.#cut) socket.write(data);
    });
    if (this.#cut) socket.pause();
  }

  async #bindUdp(): Promise<void> {
    const udp = createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      udp.once('error', reject);
      udp.bind({ address: this.address, port: this.#port, exclusive: true }, () => {
        udp.off('error', reject);
        resolve();
      });
    });
    udp.on('error', () => undefined);
    udp.on('message', (message, from) => {
      if (!this.#cut) udp.send(message, from.port, from.address);
    });
    this.#udp = udp;
  }
}
