import { type CloudCredentials, DoctorError } from '@nfv-doctor/core/plugin-api';

/** An entry of Keystone's catalog. */
export interface CatalogService {
  type: string;
  name?: string;
  endpoints: { interface: string; region?: string | null; region_id?: string | null; url: string }[];
}

/** Official service types (service-types-authority) and the names that older clouds registered. */
const ALIASES: Record<string, readonly string[]> = {
  alarming: ['alarm'],
  compute: ['computev21'],
  image: ['imagev2'],
  network: ['networking'],
  rca: ['root-cause-analysis'],
};

/**
 * The URL of a service: an override, or the catalog's for region and interface.
 * @throws DoctorError CLOUD_ENDPOINT_MISSING that says what there is
 */
export function endpointUrl(
  service: string,
  catalog: readonly CatalogService[],
  credentials: CloudCredentials,
): string {
  const types = [service, ...(ALIASES[service] ?? [])];
  const override = types.map((type) => credentials.endpointOverrides?.[type]).find(Boolean);
  if (override) return checked(service, override);
  const kind = credentials.interface ?? 'public';
  const offered = catalog.filter(({ type }) => types.includes(type)).flatMap(({ endpoints }) => endpoints);
  const found = offered.find(
    (endpoint) =>
      endpoint.interface === kind &&
      (!credentials.regionName || (endpoint.region_id ?? endpoint.region) === credentials.regionName),
  );
  if (found) return checked(service, found.url);
  throw missing(service, kind, catalog, offered, credentials.regionName);
}

function checked(service: string, url: string): string {
  if (URL.canParse(url)) return url;
  throw new DoctorError('CLOUD_ENDPOINT_MISSING', `the endpoint of ${service} is not a URL: ${url}`);
}

function missing(
  service: string,
  kind: string,
  catalog: readonly CatalogService[],
  offered: CatalogService['endpoints'],
  region: string | undefined,
): DoctorError {
  const where = `${kind} endpoint${region ? ` in region ${region}` : ''}`;
  const others = offered.map((one) => `${one.interface} in ${one.region_id ?? one.region ?? 'no region'}`);
  const has =
    offered.length > 0
      ? `it has ${others.join(', ')}`
      : catalog.length > 0
        ? `it has the services ${catalog.map(({ type }) => type).join(', ')}`
        : 'the catalog is empty: is the token scoped to a project?';
  return new DoctorError('CLOUD_ENDPOINT_MISSING', `the catalog has no ${where} for ${service}; ${has}`, {
    details: { service, interface: kind, region },
  });
}
