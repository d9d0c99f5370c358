import { pythonRepr } from '../python.js';
import type { DataSourceRecord } from './data-source.js';
import { CongressError } from './errors.js';
import { DOCTOR_TABLES, NOVA_TABLES, type TableSchema } from './schemas.js';

export interface Driver {
  id: string;
  description: string;
  config: Readonly<Record<string, 'required' | '(optional)'>>;
  secret?: readonly string[];
  tables: readonly TableSchema[];
}

const optional = (names: string) =>
  Object.fromEntries(names.split(' ').map((name) => [name, '(optional)' as const]));

/** The drivers that this Congress has. */
export const DRIVERS: readonly Driver[] = [
  {
    id: 'doctor',
    description:
      'Datasource driver that allows external systems to push data in accordance with OPNFV Doctor Inspector southbound interface specification.',
    config: { persist_data: '(optional)' },
    tables: DOCTOR_TABLES,
  },
  {
    id: 'nova',
    description: 'Datasource driver that interfaces with OpenStack Compute aka nova.',
    config: {
      auth_url: 'required',
      ...optional('endpoint region'),
      username: 'required',
      password: 'required',
      ...optional('user_domain_name project_domain_name tenant_name'),
      project_name: 'required',
      ...optional('poll_time api_version lazy_tables'),
    },
    secret: ['password'],
    tables: NOVA_TABLES,
  },
];

/** In the order in which Congress names what is missing. */
const REQUIRED = ['password', 'auth_url', 'project_name', 'username'];

/** @throws CongressError when the record is not one that its driver takes */
export function checkRecord(record: DataSourceRecord): Driver {
  const driver = DRIVERS.find(({ id }) => id === record.driver);
  if (!driver) throw new CongressError(400, `Invalid driver: ${pythonRepr(record)}`);
  if (!/^[A-Za-z][A-Za-z0-9_.]*$/.test(record.name))
    throw new CongressError(
      400,
      'Datasource name %(value) is invalid. Cannot be empty or start with underscore.  Must be valid in policy language',
    );
  const given = Object.keys(record.config ?? {});
  const unknown = given.filter((option) => !(option in driver.config));
  if (unknown.length > 0)
    throw new CongressError(400, `Invalid driver options: {${unknown.map(pythonRepr).join(', ')}}`);
  // the project may still go by its old name
  const known = given.includes('tenant_name') ? [...given, 'project_name'] : given;
  const missing = REQUIRED.filter(
    (option) => driver.config[option] === 'required' && !known.includes(option),
  );
  if (missing.length > 0)
    throw new CongressError(400, `Missing required config options: ${missing.join(', ')}`);
  return driver;
}

/** The record as a list shows it. */
export function withoutSecrets(record: DataSourceRecord): DataSourceRecord {
  const secret = DRIVERS.find(({ id }) => id === record.driver)?.secret ?? [];
  if (record.config === null) return record;
  const shown = Object.entries(record.config).map(([key, value]) => [
    key,
    secret.includes(key) ? '<hidden>' : value,
  ]);
  return { ...record, config: Object.fromEntries(shown) as Record<string, unknown> };
}
