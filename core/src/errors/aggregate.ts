import { DoctorError } from './doctor-error.js';

/**
 * All failures in one error: its message has one line per failure, its code is the first one's.
 * `problemsOf` takes it apart again.
 */
export function combineErrors(problems: readonly DoctorError[]): DoctorError {
  // one broken plugin may provide many roles: it is told once
  const told = new Map(
    problems
      .flatMap((problem) => problemsOf(problem))
      .map((problem) => [`${problem.code} ${problem.message}`, problem]),
  );
  const [first, ...others] = told.values();
  if (!first) throw new RangeError('combineErrors needs at least one error');
  if (others.length === 0) return first;
  return new DoctorError(first.code, [first, ...others].map(({ message }) => message).join('\n'), {
    details: { problems: [first, ...others] },
    cause: first,
  });
}

/** The single failures of an error that `combineErrors` made; of any other error, itself. */
export function problemsOf(error: unknown): DoctorError[] {
  const single = DoctorError.from(error);
  const { problems } = single.details;
  return Array.isArray(problems) && problems.every((problem) => DoctorError.is(problem))
    ? (problems as DoctorError[]).flatMap((problem) => problemsOf(problem))
    : [single];
}
