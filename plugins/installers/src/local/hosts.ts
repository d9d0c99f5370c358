import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type DeployedHost, DoctorError, type Static, Type } from '@nfv-doctor/core/plugin-api';
import { Value } from '@sinclair/typebox/value';
import { parse } from 'yaml';

const AddressSchema = Type.Object(
  {
    plane: Type.Optional(Type.String({ minLength: 1 })),
    address: Type.String({ minLength: 1 }),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
  },
  { additionalProperties: true },
);
const HostSchema = Type.Object(
  {
    hostname: Type.String({ minLength: 1 }),
    /** One address, in the management plane. */
    address: Type.Optional(Type.String({ minLength: 1 })),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
    /** Or several. */
    addresses: Type.Optional(Type.Array(AddressSchema, { minItems: 1 })),
  },
  { additionalProperties: true },
);
type HostEntry = Static<typeof HostSchema>;

/**
 * The compute hosts, from the list in the configuration or from a file (YAML or JSON) with such a list.
 * @throws DoctorError CONFIG_INVALID that names the entry
 */
export async function readHosts(
  list: readonly unknown[],
  file: string,
  folder: string,
): Promise<DeployedHost[]> {
  if (file === '') return checked(list, 'installer.hosts');
  const path = resolve(folder, file);
  const content: unknown = await readFile(path, 'utf8').then(parse, (error: Error) => {
    throw new DoctorError('CONFIG_FILE', `installer.hosts_file: ${path}: ${error.message.split('\n')[0]}`);
  });
  const entries = Array.isArray(content) ? content : (content as { hosts?: unknown } | null)?.hosts;
  if (!Array.isArray(entries))
    throw new DoctorError('CONFIG_INVALID', `${path}: must be a list of hosts, or have one under "hosts"`);
  return checked(entries, path);
}

function checked(entries: readonly unknown[], where: string): DeployedHost[] {
  const names = new Set<string>();
  return entries.map((entry, index) => {
    if (!Value.Check(HostSchema, entry)) {
      const first = Value.Errors(HostSchema, entry).First();
      throw new DoctorError(
        'CONFIG_INVALID',
        `${where}[${index}]${first?.path.replaceAll('/', '.') ?? ''}: ${first?.message ?? 'is no host'}`,
      );
    }
    if (names.has(entry.hostname))
      throw new DoctorError(
        'CONFIG_INVALID',
        `${where}[${index}].hostname: ${entry.hostname} is listed twice`,
      );
    names.add(entry.hostname);
    return deployed(entry, `${where}[${index}]`);
  });
}

function deployed({ hostname, address, port, addresses }: HostEntry, where: string): DeployedHost {
  const all =
    addresses ?? (address === undefined ? [] : [{ address, ...(port === undefined ? {} : { port }) }]);
  if (all.length === 0) throw new DoctorError('CONFIG_INVALID', `${where}: ${hostname} needs an address`);
  return {
    hostname,
    addresses: all.map((each) => ({
      plane: each.plane ?? 'management',
      address: each.address,
      ...(each.port === undefined ? {} : { port: each.port }),
    })),
  };
}
