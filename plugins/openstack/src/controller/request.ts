import { type CloudRequest, DoctorError } from '@nfv-doctor/core/plugin-api';

export type Query = NonNullable<CloudRequest['query']>;

/** `{signal}`, or nothing: an optional property must not be there as undefined. */
export const withSignal = (signal: AbortSignal | undefined) => (signal ? { signal } : {});

/** Deleting what is not there is no error. */
export async function ignoreMissing(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

export const isMissing = (error: unknown): boolean =>
  DoctorError.is(error) && error.code === 'CLOUD_NOT_FOUND';

/** The object under `key` of an answer. Throws DoctorError CLOUD_ERROR when it is not there. */
export function entity<T>(body: unknown, key: string, what: string): T {
  const value = (body as Record<string, unknown> | null)?.[key];
  if (typeof value !== 'object' || value === null)
    throw new DoctorError('CLOUD_ERROR', `the answer to "${what}" has no "${key}"`);
  return value as T;
}

/** An id as a part of a path. */
export const segment = (id: string): string => encodeURIComponent(id);
