import { DoctorError, type ErrorKind, problemsOf } from '../errors/index.js';

/** Exit codes of `doctor`. */
export const EXIT = { passed: 0, failed: 1, unusable: 2, interrupted: 130 } as const;

/** What went wrong before anything was tested counts as unusable input: a typo, a port in use, a cloud out of reach. */
const UNUSABLE: ReadonlySet<ErrorKind> = new Set(['input', 'plugin', 'cloud', 'backend']);

export function exitCodeOf(error: unknown): number {
  const { kind, code } = DoctorError.from(error);
  if (code === 'ABORTED') return EXIT.interrupted;
  return UNUSABLE.has(kind) || code === 'STORE' || code === 'TIMEOUT' ? EXIT.unusable : EXIT.failed;
}

/** One line per problem, never a stack trace unless it was asked for. */
export function errorLines(error: unknown, debug: boolean): string[] {
  if (debug) return [inspectError(error)];
  return problemsOf(error).flatMap(({ message }) => message.split('\n').filter((line) => line.trim() !== ''));
}

function inspectError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by: ${inspectError(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
