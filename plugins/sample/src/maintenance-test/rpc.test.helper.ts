import { DoctorError, type ErrorCode } from '@nfv-doctor/core/plugin-api';

interface Call {
  kind: 'call';
  id: number;
  method: string;
  args: unknown[];
}
interface Reply {
  kind: 'reply';
  id: number;
  result?: unknown;
  error?: { code: ErrorCode; message: string; details: Record<string, unknown>; retryable: boolean };
}
type Packet = Call | Reply;

/** One end of a channel between two processes: both may call the other. */
export class Rpc {
  #next = 0;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();

  constructor(
    readonly send: (packet: Packet) => void,
    readonly handle: (method: string, args: unknown[]) => Promise<unknown>,
  ) {}

  call<T>(method: string, ...args: unknown[]): Promise<T> {
    const id = this.#next++;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.send({ kind: 'call', id, method, args });
    });
  }

  /** Give what arrived at this end to it. */
  receive(packet: Packet): void {
    if (packet.kind === 'call') {
      this.handle(packet.method, packet.args).then(
        (result) => this.send({ kind: 'reply', id: packet.id, result }),
        (error: unknown) => {
          const { code, message, details, retryable } = DoctorError.from(error);
          this.send({ kind: 'reply', id: packet.id, error: { code, message, details, retryable } });
        },
      );
      return;
    }
    const waiting = this.#waiting.get(packet.id);
    this.#waiting.delete(packet.id);
    if (!packet.error) return waiting?.resolve(packet.result);
    const { code, message, details, retryable } = packet.error;
    waiting?.reject(new DoctorError(code, message, { details, retryable }));
  }

  /** The other side is gone. */
  close(): void {
    for (const { reject } of this.#waiting.values())
      reject(new DoctorError('BACKEND_UNREACHABLE', 'the process is gone', { retryable: true }));
    this.#waiting.clear();
  }
}

/** An object whose methods are calls to the other end. */
export const remote = <T extends object>(rpc: Rpc, prefix: string): T =>
  new Proxy({} as T, {
    get: (_target, name) =>
      name === 'then'
        ? undefined
        : (...args: unknown[]) =>
            rpc.call(`${prefix}.${String(name)}`, ...args.filter((arg) => !(arg instanceof AbortSignal))),
  });

/** Calls `part.method` of what there is. */
export function callOf(parts: Record<string, object>, method: string, args: unknown[]): unknown {
  const [part = '', name = ''] = method.split('.');
  const target = parts[part] as Record<string, (...all: unknown[]) => unknown> | undefined;
  return target?.[name]?.(...args);
}
