import { DoctorError } from '@nfv-doctor/core/plugin-api';

/** What Congress' Nova data source uses when it is not told. */
const DEFAULT = '2.26';
/** Since 2.11 Nova can force a host down; from 2.53 on it wants the service's UUID, which Congress does not give. */
const FIRST = [2, 11] as const;
const END = [2, 53] as const;

/**
 * Checks that force-down works with the data source's `api_version`, by number: 2.9 is older than 2.11.
 * @throws DoctorError BACKEND_ERROR
 */
export function checkApiVersion(source: string, value: unknown): void {
  const text = value === undefined || value === null ? DEFAULT : String(value);
  const [, major, minor] = /^(\d+)\.(\d+)$/.exec(text) ?? [];
  const version = [Number(major), Number(minor)] as const;
  const fits = major !== undefined && !isBefore(version, FIRST) && isBefore(version, END);
  if (fits) return;
  throw new DoctorError(
    'BACKEND_ERROR',
    `Congress' data source ${source} has api_version ${text}: Congress can force a host down from ${FIRST.join('.')} up to, but not with, ${END.join('.')} only; create the data source anew with another api_version (or without: ${DEFAULT})`,
    { details: { source, apiVersion: text } },
  );
}

const isBefore = ([a, b]: readonly [number, number], [c, d]: readonly [number, number]) =>
  a < c || (a === c && b < d);
