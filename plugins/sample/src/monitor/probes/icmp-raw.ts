import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { isIPv4 } from 'node:net';
import { isMainThread } from 'node:worker_threads';
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
  setOption(level: number, option: number, value: number | Buffer, length?: number): void;
  /** What the package is built on: one system call each. */
  wrap?: {
    send(
      packet: Buffer,
      offset: number,
      length: number,
      address: string,
      done: (bytes: number) => void,
    ): void;
    /** Throws when nothing waits to be read. */
    recv(into: Buffer, done: (into: Buffer, bytes: number, source: string) => void): void;
  };
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
/** Linux: `setsockopt(SOL_RAW, ICMP_FILTER)` with the types that are not wanted. */
const SOL_RAW = 255;
const ICMP_FILTER = 1;
const READ_BATCH = 256;

/**
 * ICMP echo through one raw socket for all hosts. The socket hears every ICMP packet of the machine, so an answer
 * counts only when identifier, sequence number, source address and the token in its data all fit.
 */
export class RawIcmpSender implements Sender {
  readonly name = 'icmp (raw socket)';
  readonly readBatch = READ_BATCH;
  heard = 0;
  readonly #identifier = randomBytes(2).readUInt16BE();
  readonly #token = randomBytes(TOKEN);
  readonly #addresses = new Map<number, string>();
  readonly #buffer = Buffer.alloc(2048);
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
    if (!isMainThread)
      throw new DoctorError(
        'PLUGIN_START',
        'raw sockets cannot be used: the package works in the main thread only',
      );
    try {
      this.#raw = createRequire(import.meta.url)('raw-socket') as RawModule;
      this.#socket = this.#raw.createSocket({ protocol: this.#raw.Protocol.ICMP, bufferSize: 2048 });
    } catch (error) {
      const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
      throw new DoctorError('PLUGIN_START', `raw sockets cannot be used: ${why}`, { cause: error });
    }
    const { SocketLevel, SocketOption } = this.#raw;
    this.#tryOption(SocketLevel.SOL_SOCKET, SocketOption.SO_RCVBUF, BUFFER);
    // spares this process its own requests when it probes this machine, and everybody else's errors
    const unwanted = Buffer.alloc(4);
    unwanted.writeUInt32LE(~(1 << ECHO_REPLY) >>> 0);
    if (process.platform === 'linux') this.#tryOption(SOL_RAW, ICMP_FILTER, unwanted);
    this.#socket.on('message', (packet, source) => {
      this.#heard(packet, source);
      this.#readOn();
    });
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

  #tryOption(level: number, option: number, value: number | Buffer): void {
    try {
      if (typeof value === 'number') this.#socket!.setOption(level, option, value);
      else this.#socket!.setOption(level, option, value, value.length);
    } catch {
      // works without, only slower
    }
  }

  /** The package itself reads one packet in a turn of the event loop: a thousand answers would take a thousand turns. */
  #readOn(): void {
    const wrap = this.#socket?.wrap;
    if (!wrap) return;
    try {
      for (let count = 1; count < READ_BATCH; count++)
        wrap.recv(this.#buffer, (into, bytes, source) => this.#heard(into.subarray(0, bytes), source));
    } catch {
      // nothing waits any more
    }
  }

  /** A package that loads may still hear nothing (in a sandbox): the loopback must answer. */
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
    if (!this.#socket.wrap) this.#socket.send(packet, 0, SIZE, address, () => {});
    else
      try {
        this.#socket.wrap.send(packet, 0, SIZE, address, () => {});
      } catch {
        // no route, or no room: a miss
      }
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
