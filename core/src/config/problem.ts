import { DoctorError, type ErrorCode } from '../errors/index.js';
import { nearest } from './nearest.js';

/** Values longer than this are cut in messages. */
const SHOWN = 60;

/** What was found, for a message. */
export function found(value: unknown, sensitive = false): string {
  if (sensitive) return 'a secret of the wrong format';
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

/** `; did you mean "x"?`, when something near is allowed. */
export function suggestion(word: unknown, candidates: Iterable<string>): string {
  const near = typeof word === 'string' ? nearest(word, candidates) : undefined;
  return near === undefined ? '' : `; did you mean "${near}"?`;
}

/** One line: where it stands, the path of the key, what is wrong. */
export const problem = (code: ErrorCode, where: string, key: string, text: string): DoctorError =>
  new DoctorError(code, `${where ? `${where}: ` : ''}${key ? `${key}: ` : ''}${text}`, {
    details: { where, key },
  });
