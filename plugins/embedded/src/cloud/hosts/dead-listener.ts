import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Server, type Socket } from 'node:net';

/** Connections that the kernel makes for a listening socket before anybody accepts them: as few as reasonable. */
export const BACKLOG = 16;
/** How long the filling of the queue may take; on loopback it takes a millisecond or two. */
const FILL_LIMIT_MS = 50;

/**
 * Makes a listening port fall silent without a reset. Closing it would make the kernel refuse connections, and a
 * refusal is an answer of the host. So the listening socket is handed to a child that never accepts, and its queue
 * is filled: from then on the kernel drops every SYN, as a dead link does.
 */
export class DeadListener {
  readonly #holder: ChildProcess;
  readonly #fillers: Socket[] = [];

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
  }

  /** Takes the port over from the server, which is closed. Undefined when the socket cannot be handed over. */
  static async takeOver(server: Server): Promise<DeadListener | undefined> {
    const address = server.address();
    // The only way to the descriptor; where a later Node.js hides it, the port is closed instead.
    const fd = (server as unknown as { _handle?: { fd?: number } })._handle?.fd;
    if (address === null || typeof address === 'string' || fd === undefined || fd < 0) {
      server.close();
      return undefined;
    }
    // `cat` holds the descriptor and ends with this process, when the pipe closes.
    const holder = spawn('cat', [], { stdio: ['pipe', 'ignore', 'ignore', fd] });
    try {
      await once(holder, 'spawn');
    } catch {
      return undefined;
    } finally {
      server.close();
    }
    const dead = new DeadListener(holder);
    await dead.#fill(address.address, address.port);
    return dead;
  }

  async release(): Promise<void> {
    const exited = once(this.#holder, 'exit');
    if (this.#holder.exitCode === null && this.#holder.signalCode === null && this.#holder.kill('SIGKILL'))
      await exited;
    for (const socket of this.#fillers) socket.destroy();
  }

  async #fill(host: string, port: number): Promise<void> {
    const made = Array.from({ length: BACKLOG + 1 }, () => {
      const socket = connect({ host, port });
      socket.on('error', () => socket.destroy());
      this.#fillers.push(socket);
      return once(socket, 'connect', { signal: AbortSignal.timeout(FILL_LIMIT_MS) });
    });
    // A probe may have taken a place in the queue: then one of these never connects, and the queue is full as well.
    const full = once(this.#fillers.at(-1) as Socket, 'close');
    await Promise.race([Promise.allSettled(made), full]);
  }
}
