import { connect, type Socket } from 'node:net';
import type { HostAddress } from '@nfv-doctor/core/plugin-api';
import type { Sender } from './polled-probe.js';

interface Peer {
  address: string;
  port: number;
  attempts: Set<Socket>;
}

/**
 * Connects to a port. A refused connection is an answer too, unless told otherwise: its reset comes from the host,
 * which is what is watched, not the service on the port.
 */
export class TcpSender implements Sender {
  readonly name = 'tcp (connect)';
  readonly readBatch = 1;
  heard = 0;
  readonly #peers = new Map<number, Peer>();
  #answered: (target: number, sequence: number) => void = () => {};

  constructor(
    readonly defaultPort: number,
    readonly refusedIsAlive: boolean,
  ) {}

  async start(answered: (target: number, sequence: number) => void): Promise<void> {
    this.#answered = answered;
  }
  add(target: number, { address, port }: HostAddress): void {
    this.#peers.set(target, { address, port: port ?? this.defaultPort, attempts: new Set() });
  }
  remove(target: number): void {
    const peer = this.#peers.get(target);
    this.#peers.delete(target);
    for (const socket of peer?.attempts ?? []) socket.destroy();
  }

  send(target: number, sequence: number): void {
    const peer = this.#peers.get(target);
    if (!peer) return;
    // at most the attempts of this probe and of the one before: silence must not pile up sockets
    if (peer.attempts.size >= MAX_ATTEMPTS) {
      const [oldest] = peer.attempts;
      oldest!.destroy();
      peer.attempts.delete(oldest!);
    }
    const socket = connect({ host: peer.address, port: peer.port });
    peer.attempts.add(socket);
    const end = () => {
      peer.attempts.delete(socket);
      socket.destroy();
    };
    socket.once('connect', () => {
      this.heard++;
      this.#answered(target, sequence);
      // a reset instead of an orderly end: thousands of connections must not stay in TIME_WAIT
      peer.attempts.delete(socket);
      socket.resetAndDestroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.heard++;
      if (error.code === 'ECONNREFUSED' && this.refusedIsAlive) this.#answered(target, sequence);
      end();
    });
    socket.once('close', end);
  }

  async stop(): Promise<void> {
    for (const target of this.#peers.keys()) this.remove(target);
  }
}

const MAX_ATTEMPTS = 4;
