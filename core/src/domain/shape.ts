import type { Static, TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { DoctorError } from '../errors/index.js';

/**
 * `value` when it has the schema's shape.
 * @param what names the value in the message, e.g. `event`
 * @throws DoctorError INPUT_INVALID that names the first field that is wrong, and what was found there
 */
export function checkShape<T extends TSchema>(schema: T, value: unknown, what: string): Static<T> {
  const error = Value.Errors(schema, value).First();
  if (!error) return value as Static<T>;
  const field = error.path.slice(1).replaceAll('/', '.');
  throw new DoctorError(
    'INPUT_INVALID',
    `${what}${field ? `.${field}` : ''}: ${error.message.toLowerCase()}, found ${JSON.stringify(error.value) ?? 'nothing'}`,
    { details: { field } },
  );
}
