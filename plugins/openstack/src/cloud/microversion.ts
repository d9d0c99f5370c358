import { DoctorError } from '@nfv-doctor/core/plugin-api';

/** The microversions that a service offers. */
export interface MicroversionRange {
  minimum: string;
  maximum: string;
}

/** Negative when `a` is lower: numbers, not text (2.9 < 2.10). */
export function compareMicroversions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA - majorB || minorA - minorB;
}

interface VersionEntry {
  id?: string;
  status?: string;
  version?: string;
  max_version?: string;
  min_version?: string;
}

/** Reads a version document: `{version}`, `{versions: [...]}` or `{versions: {values: [...]}}`. */
export function rangeOf(document: unknown): MicroversionRange | undefined {
  const root = document as {
    version?: VersionEntry;
    versions?: VersionEntry[] | { values?: VersionEntry[] };
  };
  const list = Array.isArray(root?.versions) ? root.versions : (root?.versions?.values ?? []);
  const entries = [...(root?.version ? [root.version] : []), ...list];
  const usable = entries.filter((entry) => entry.version || entry.max_version);
  const entry = usable.find(({ status }) => status === 'CURRENT') ?? usable[0];
  const maximum = entry?.version || entry?.max_version;
  return entry && maximum ? { minimum: entry.min_version || maximum, maximum } : undefined;
}

/**
 * The highest offered microversion that is at most `wanted`.
 * @throws DoctorError CLOUD_MICROVERSION when that is below `minimum`
 */
export function choose(
  service: string,
  url: string,
  range: MicroversionRange | undefined,
  minimum: string,
  wanted: string,
): string {
  const offered = range ? `microversions ${range.minimum} to ${range.maximum}` : 'no microversions';
  const best = range && compareMicroversions(range.maximum, wanted) < 0 ? range.maximum : wanted;
  const tooNew = range && compareMicroversions(range.minimum, best) > 0;
  if (!range || tooNew || compareMicroversions(best, minimum) < 0)
    throw new DoctorError(
      'CLOUD_MICROVERSION',
      `${service} at ${url} offers ${offered}; Doctor needs ${minimum}${minimum === wanted ? '' : ` to ${wanted}`}`,
      { details: { service, url, minimum, wanted, ...range } },
    );
  return best;
}

/** Headers that ask for a microversion; Nova before 2.27 reads only its own one. */
export function microversionHeaders(service: string, version: string): Record<string, string> {
  const common = { 'openstack-api-version': `${service} ${version}` };
  return service === 'compute' ? { ...common, 'x-openstack-nova-api-version': version } : common;
}
