import { randomBytes } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { HostAddress } from '@nfv-doctor/core/plugin-api';
import type { Sender } from './polled-probe.js';

const TOKEN = 8;
const SIZE = TOKEN + 8;
/** A thousand answers may wait to be read. */
const BUFFER = 4 * 1_048_576;

interface Peer {
  address: string;
  port: number;
  socket: Socket;
}

/**
 * Echo datagrams through one socket per address family. An answer counts only for the target it was sent to:
 * source address and port, this process' token, target number and sequence number must all fit.
 */
export class UdpSender implements Sender {
  readonly name = 'udp (echo)';
  /** libuv reads so many datagrams at once. */
  readonly readBatch = 32;
  heard = 0;
  readonly #token = randomBytes(TOKEN);
  readonly #peers = new Map<number, Peer>();
  readonly #sockets = new Map<'udp4' | 'udp6', Socket>();
  #answered: (target: number, sequence: number) => void = () => {};

  /** @param defaultPort where an address has none */
  constructor(readonly defaultPort: number) {}

  async start(answered: (target: number, sequence: number) => void): Promise<void> {
    this.#answered = answered;
    this.#socket('udp4');
  }

  add(target: number, { address, port }: HostAddress): void {
    const socket = this.#socket(isIPv6(address) ? 'udp6' : 'udp4');
    this.#peers.set(target, { address, port: port ?? this.defaultPort, socket });
  }
  remove(target: number): void {
    this.#peers.delete(target);
  }

  send(target: number, sequence: number): void {
    const peer = this.#peers.get(target);
    if (!peer) return;
    // a copy for each: one that cannot be sent at once waits in a queue
    const message = Buffer.allocUnsafe(SIZE);
    this.#token.copy(message);
    message.writeUInt32BE(target, TOKEN);
    message.writeUInt32BE(sequence, TOKEN + 4);
    try {
      peer.socket.send(message, peer.port, peer.address, ignore);
    } catch {
      // not sent: a miss
    }
  }

  async stop(): Promise<void> {
    const sockets = [...this.#sockets.values()];
    this.#sockets.clear();
    this.#peers.clear();
    await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))));
  }

  #socket(family: 'udp4' | 'udp6'): Socket {
    const open = this.#sockets.get(family);
    if (open) return open;
    const socket = createSocket(family);
    socket.on('message', (message, from) => this.#heard(message, from));
    // unreachable networks are misses, not failures of the monitor
    socket.on('error', ignore);
    socket.bind(0, () => {
      try {
        socket.setRecvBufferSize(BUFFER);
      } catch {
        // the system's own limit stays
      }
    });
    this.#sockets.set(family, socket);
    return socket;
  }

  #heard(message: Buffer, from: RemoteInfo): void {
    this.heard++;
    if (message.length !== SIZE || message.compare(this.#token, 0, TOKEN, 0, TOKEN) !== 0) return;
    const target = message.readUInt32BE(TOKEN);
    const peer = this.#peers.get(target);
    if (!peer || peer.port !== from.port || !sameAddress(peer.address, from.address)) return;
    this.#answered(target, message.readUInt32BE(TOKEN + 4));
  }
}

const ignore = () => {};
/** IPv6 addresses have many spellings; the scope of a link-local one may be added. */
export function sameAddress(wanted: string, from: string): boolean {
  if (wanted === from) return true;
  if (!wanted.includes(':')) return false;
  return plain(wanted) === plain(from);
}
const plain = (address: string) => new URL(`http://[${address.split('%')[0]}]`).hostname;
