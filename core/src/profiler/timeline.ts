import { CHECKPOINTS } from '../bus/index.js';
import { CHECKPOINT_NAMES, type FaultProfile } from './profiler.js';

export interface TimelineOptions {
  /** Columns of the bar; default 28. */
  width?: number;
  /** Wraps the bar and the headline in ANSI colours. */
  colour?: boolean;
}

/** Milliseconds as people read them: `0.08 ms`, `12.4 ms`, `1.93 s`, `3 min 2 s`. */
export function formatMs(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  if (ms === 0) return '0 ms';
  const size = Math.abs(ms);
  if (size >= 60_000) {
    const seconds = Math.round(ms / 1000);
    return `${Math.trunc(seconds / 60)} min ${seconds % 60} s`;
  }
  if (size >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  if (size >= 100) return `${ms.toFixed(0)} ms`;
  return `${ms.toFixed(size >= 10 ? 1 : 2)} ms`;
}

/**
 * The fault's way on the terminal: one line a checkpoint, with its time after the cut and after the detection.
 * The bars begin at the detection, where the promise begins, and are logarithmic.
 */
export function timeline(
  profile: FaultProfile,
  { width: wanted = 28, colour = false }: TimelineOptions = {},
): string {
  const width = Math.max(12, wanted);
  const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const { last, instances, hostname } = profile;
  const origin = last.checkpoints.T01;
  const latest = Math.max(...Object.values(last.checkpoints), 0) - (origin ?? 0);
  const position = scale(Math.max(latest, 1), width);
  const rows = CHECKPOINT_NAMES.map((name) => {
    const at = last.checkpoints[name];
    const doc = CHECKPOINTS[name];
    if (at === undefined)
      return `  ${name} ${'not observed'.padStart(12)}${' '.repeat(14 + width)}  ${paint(2, doc)}`;
    const since = origin === undefined || name === 'T00' ? undefined : at - origin;
    const plus = (since === undefined ? '' : `+${formatMs(since)}`).padStart(12);
    const bar = since === undefined ? '' : `${'━'.repeat(position(since))}●`;
    return `  ${paint(1, name)} ${formatMs(at).padStart(12)}${plus}  ${paint(36, bar.padEnd(width))}  ${doc}`;
  });
  const of = instances.length === 1 ? '' : `, the last of ${instances.length} notified`;
  return [
    `Fault of ${hostname}: instance ${last.instanceId}${of}`,
    ...rows,
    `  detection ${known(profile.detectionTimeMs)} · notification ${paint(1, known(profile.notificationTimeMs))} (T09 − T01)`,
  ].join('\n');
}

const known = (ms: number | undefined) => (ms === undefined ? 'not observed' : formatMs(ms));

/** Logarithmic: tenths of a millisecond and seconds stand on one line. */
const scale = (max: number, width: number) => (at: number) =>
  Math.round((Math.log10(1 + Math.max(0, at) * 10) / Math.log10(1 + max * 10)) * (width - 1));
