import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { type Clock, DoctorError, type Logger, type NetworkCut, until } from '@nfv-doctor/core/plugin-api';
import { lastLine, type SshSession } from '../ssh/index.js';
import { type ClockOffset, measureOffset } from './clock-offset.js';
import { type CutOptions, cutScript, restoreScript } from './cut-scripts.js';

export interface RemoteCutOptions extends Omit<CutOptions, 'id'> {
  hostname: string;
}

interface Services {
  clock: Clock;
  log: Logger;
}

/** ms after the planned moment that the node's own word of it may take, when the connection does not go over the cut link. */
const GRACE_MS = 400;
/** What a planned cut may be late: a sleep that oversleeps and taking the link down, ms. */
const LATE_MS = 50;
/** ms after the end of the cut in which the node must be back. */
const BACK_MS = 30_000;
const ATTEMPT_MS = 8_000;

/**
 * Cuts a node's network from the node itself. It comes back after the duration without anybody's help, also when the
 * connection to the node is lost with the link.
 */
export async function cutOverSsh(
  session: SshSession,
  options: RemoteCutOptions,
  services: Services,
  signal?: AbortSignal,
): Promise<NetworkCut> {
  const { clock, log } = services;
  const { hostname, durationMs } = options;
  const offset = await measureOffset(session, clock, signal);
  const id = randomUUID();
  const endsAt = clock.monotonic() + options.delayMs + durationMs;
  let restoring: Promise<void> | undefined;
  const restore = () => {
    restoring ??= restoreOverSsh(session, { id, hostname, endsAt }, services);
    // a failed one may be tried again
    restoring.catch(() => {
      restoring = undefined;
    });
    return restoring;
  };
  try {
    const moment = await cut(session, { ...options, id }, offset, clock, signal);
    log.info({ event: 'installer.network_cut', hostname, durationMs, ...moment }, 'network cut');
    return { hostname, ...moment, restore };
  } catch (error) {
    await restore().catch((failed: Error) =>
      log.error({ event: 'installer.restore_failed', hostname, err: failed }, failed.message),
    );
    throw error;
  }
}

type Moment = Pick<NetworkCut, 'cutAt' | 'toleranceMs'>;

async function cut(
  session: SshSession,
  options: RemoteCutOptions & { id: string },
  offset: ClockOffset,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Moment> {
  const child = await session.open(cutScript(options), { root: true, signal });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-2_000);
  });
  let planned: number | undefined;
  let seen: Moment | undefined;
  let ended = false;
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const [word, first, second] = line.split(' ');
    const from = Number(first) / 1e6 - offset.offsetMs;
    const to = Number(second) / 1e6 - offset.offsetMs;
    if (word === 'plan') planned = from;
    if (word === 'down') seen = { cutAt: (from + to) / 2, toleranceMs: (to - from) / 2 + offset.toleranceMs };
  });
  child.once('close', () => {
    ended = true;
  });
  const told = () =>
    seen !== undefined || (planned === undefined ? ended : clock.monotonic() > planned + GRACE_MS);
  try {
    await until(told, {
      clock,
      what: `${options.hostname}'s network to be cut`,
      timeoutMs: options.delayMs + 15_000,
      intervalMs: 5,
      signal,
    });
  } finally {
    lines.close();
    child.kill('SIGKILL');
  }
  if (seen !== undefined) return seen;
  if (planned === undefined)
    throw new DoctorError(
      'BACKEND_ERROR',
      `${options.hostname}: its network cannot be cut: ${lastLine(stderr) || 'the command ended without a word'}`,
    );
  // its word went over the link that was cut
  return { cutAt: planned + LATE_MS / 2, toleranceMs: LATE_MS / 2 + offset.toleranceMs };
}

/** Tries until the node takes the command: early when another way leads there, else when its network is back. */
async function restoreOverSsh(
  session: SshSession,
  { id, hostname, endsAt }: { id: string; hostname: string; endsAt: number },
  { clock, log }: Services,
): Promise<void> {
  const deadline = Math.max(endsAt, clock.monotonic()) + BACK_MS;
  for (;;) {
    try {
      await session.exec(restoreScript(id), {
        root: true,
        timeoutMs: ATTEMPT_MS,
        what: 'restore its network',
      });
      log.info({ event: 'installer.network_restored', hostname }, 'network restored');
      return;
    } catch (error) {
      const { code, details } = DoctorError.from(error);
      // the node answered: it will not say anything else the next time
      if (code === 'BACKEND_ERROR' && details.exitCode !== undefined) throw error;
      if (clock.monotonic() > deadline)
        throw new DoctorError(
          'BACKEND_UNREACHABLE',
          `${hostname}: its network is not back: ${(error as Error).message}`,
          { cause: error },
        );
      // the connection may hang on the link that was cut
      await session.reset();
      await clock.sleep(200);
    }
  }
}
