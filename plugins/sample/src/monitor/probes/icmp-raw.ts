import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { isIPv4 } from 'node:net';
import { DoctorError, type HostAddress } from '@nfv-doctor/core/plugin-api';
import type { Sender } from './polled-probe.js';

/** What is used of the optional package `raw-socket`. */
interface RawSocket {
  on(event: 'message', listener: (packet: Buffer, source: string) => void): void;
  on(event: 'error' | 'close', listener: (error: Error) => void): void;
  send(
    packet: Buffer,
    offset: number,
    length: number,
    address: string,
    done: (error: Error | null) => void,
  ): void;
  setOption(level: number, option: number, value: number): void;
  close(): void;
}
interface RawModule {
  createSocket(options: { protocol: number; bufferSize?: number }): RawSocket;
  writeChecksum(packet: Buffer, offset: number, checksum: number): void;
  createChecksum(packet: Buffer): number;
  Protocol: { ICMP: number };
  SocketLevel: { SOL_SOCKET: number };
  SocketOption: { SO_RCVBUF: number };
}

const ECHO = 8;
const ECHO_REPLY = 0;
const HEADER = 8;
const TOKEN = 8;
const SIZE = HEADER + TOKEN + 8;
const BUFFER = 4 * 1_048_576;
const SELF_TEST_MS = 500;

/**
 * ICMP echo through one raw socket for all hosts. The socket hears every ICMP packet of the machine, so an answer
 * counts only when identifier, sequence number, source address and the token in its data all fit.
 */
export class RawIcmpSender implements Sender {
  readonly name = 'icmp (raw socket)';
  /** The package reads one packet at a time. */
  readonly readBatch = 1;
  heard = 0;
  readonly #identifier = randomBytes(2).readUInt16BE();
  readonly #token = randomBytes(TOKEN);
  readonly #addresses = new Map<number, string>();
  #raw: RawModule | undefined;
  #socket: RawSocket | undefined;
  #problem: string | undefined;
  #answered: (target: number, sequence: number) => void = () => {};

  problem(): string | undefined {
    return this.#problem;
  }

  /** Throws DoctorError PLUGIN_START when the package is not there or the process may not open raw sockets. */
  async start(answered: (target: number, sequence: number) => void, signal: AbortSignal): Promise<void> {
    this.#answered = answered;
    try {
      this.#raw = createRequire(import.meta.url)('raw-socket') as RawModule;
      this.#socket = this.#raw.createSocket({ protocol: this.#raw.Protocol.ICMP, bufferSize: 2048 });
    } catch (error) {
      const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
      throw new DoctorError('PLUGIN_START', `raw sockets cannot be used: ${why}`, { cause: error });
    }
    const { SocketLevel, SocketOption } = this.#raw;
    try {
      this.#socket.setOption(SocketLevel.SOL_SOCKET, SocketOption.SO_RCVBUF, BUFFER);
    } catch {
      // the system's own limit stays
    }
    this.#socket.on('message', (packet, source) => this.#heard(packet, source));
    this.#socket.on('error', (error) => {
      this.#problem = `the raw socket failed: ${error.message}`;
    });
    try {
      await this.#selfTest(signal);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** A package that loads may still hear nothing (in a worker thread, in a sandbox): the loopback must answer. */
  async #selfTest(signal: AbortSignal): Promise<void> {
    this.#addresses.set(0, '127.0.0.1');
    this.send(0, 0);
    const deadline = performance.now() + SELF_TEST_MS;
    while (this.heard === 0) {
      signal.throwIfAborted();
      if (performance.now() > deadline)
        throw new DoctorError(
          'PLUGIN_START',
          `raw sockets hear nothing: 127.0.0.1 did not answer within ${SELF_TEST_MS} ms`,
        );
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    this.#addresses.delete(0);
  }

  add(target: number, { address }: HostAddress): void {
    if (!isIPv4(address))
      throw new DoctorError('CONFIG_INVALID', `icmp needs an IPv4 address, found ${JSON.stringify(address)}`);
    this.#addresses.set(target, address);
  }
  remove(target: number): void {
    this.#addresses.delete(target);
  }

  send(target: number, sequence: number): void {
    const address = this.#addresses.get(target);
    if (!address || !this.#socket || !this.#raw) return;
    const packet = Buffer.alloc(SIZE);
    packet[0] = ECHO;
    packet.writeUInt16BE(this.#identifier, 4);
    packet.writeUInt16BE(sequence & 0xffff, 6);
    this.#token.copy(packet, HEADER);
    packet.writeUInt32BE(target, HEADER + TOKEN);
    packet.writeUInt32BE(sequence, HEADER + TOKEN + 4);
    this.#raw.writeChecksum(packet, 2, this.#raw.createChecksum(packet));
    // what cannot be sent is a miss
    this.#socket.send(packet, 0, SIZE, address, () => {});
  }

  async stop(): Promise<void> {
    this.#addresses.clear();
    this.#socket?.close();
    this.#socket = undefined;
  }

  #heard(packet: Buffer, source: string): void {
    this.heard++;
    // IPv4 raw sockets deliver the IP header too
    const start = (packet[0]! & 0x0f) * 4;
    if (packet.length < start + SIZE || packet[start] !== ECHO_REPLY) return;
    if (packet.readUInt16BE(start + 4) !== this.#identifier) return;
    const data = start + HEADER;
    if (packet.compare(this.#token, 0, TOKEN, data, data + TOKEN) !== 0) return;
    const target = packet.readUInt32BE(data + TOKEN);
    const sequence = packet.readUInt32BE(data + TOKEN + 4);
    if (this.#addresses.get(target) !== source || packet.readUInt16BE(start + 6) !== (sequence & 0xffff))
      return;
    this.#answered(target, sequence);
  }
}
