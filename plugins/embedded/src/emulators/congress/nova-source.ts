import type { CloudClock, CloudTimer } from '../../cloud/clock.js';
import { CloudClient, type NovaServer } from '../cloud-client.js';
import { DataSource, type DataSourceRecord, toValue } from './data-source.js';
import type { Value } from './datalog/ast.js';
import type { Row } from './datalog/evaluate.js';
import { CongressError } from './errors.js';
import { NOVA_ACTIONS, novaCall } from './nova-actions.js';
import { NOVA_TABLES } from './schemas.js';

const DEFAULT_VERSION = '2.26';
const DEFAULT_POLL_S = 10;

/** Told to whoever evaluates the policies. */
export interface NovaSourceEvents {
  clock: CloudClock;
  /** After a poll. */
  changed(): void;
  log(event: string, detail: Record<string, unknown>): void;
}

/** Driver `nova`: polls Nova and calls it. */
export class NovaSource extends DataSource {
  readonly #cloud: CloudClient;
  readonly #events: NovaSourceEvents;
  readonly #version: string;
  readonly #pollMs: number;
  #timer: CloudTimer | undefined;
  #polling: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(record: DataSourceRecord, events: NovaSourceEvents) {
    super(record, NOVA_TABLES);
    const config = record.config ?? {};
    const text = (key: string, fallback: string) => String(config[key] ?? fallback);
    this.#cloud = new CloudClient(() => ({
      authUrl: text('auth_url', ''),
      username: text('username', ''),
      password: text('password', ''),
      userDomainName: text('user_domain_name', 'Default'),
      projectName: text('project_name', text('tenant_name', '')),
      projectDomainName: text('project_domain_name', 'Default'),
    }));
    this.#events = events;
    this.#version = text('api_version', DEFAULT_VERSION);
    this.#pollMs = Number(config['poll_time'] ?? DEFAULT_POLL_S) * 1000;
  }

  override start(): void {
    void this.#poll();
  }

  override async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#polling;
  }

  push(): never {
    throw new CongressError(
      400,
      `Bad Request::Method replace_entire_table_data not supported for datasource ${this.record.name}`,
    );
  }

  /** Asks for a poll at once; one that runs is followed by another. */
  async refresh(): Promise<void> {
    if (this.#polling) this.#again = true;
    else void this.#poll();
  }

  /** Resolves when no poll runs or is due at once. */
  async settled(): Promise<void> {
    while (this.#polling) await this.#polling;
  }

  actions(): unknown[] {
    return [...NOVA_ACTIONS];
  }

  async execute(action: string, args: readonly Value[]): Promise<void> {
    try {
      const call = novaCall(action, args, this.#version);
      await this.#cloud.request('compute', call.method, call.path, {
        json: call.json,
        microversion: this.#version,
      });
    } catch (error) {
      this.#events.log('congress.action_failed', { action, args, error: (error as Error).message });
    }
  }

  async #poll(): Promise<void> {
    this.#timer?.cancel();
    this.#polling = this.#read()
      .catch((error: unknown) =>
        this.#events.log('congress.poll_failed', { error: (error as Error).message }),
      )
      .finally(() => {
        this.#polling = undefined;
        if (this.#stopped) return;
        if (this.#again) {
          this.#again = false;
          void this.#poll();
        } else this.#timer = this.#events.clock.setTimeout(() => void this.#poll(), this.#pollMs);
      });
    await this.#polling;
  }

  async #read(): Promise<void> {
    const list = async (path: string, key: string) => {
      const body = await this.#cloud.request('compute', 'GET', path, { microversion: this.#version });
      return (body as Record<string, Record<string, unknown>[]>)[key] ?? [];
    };
    const servers = await this.#cloud.servers(this.#version);
    const flavors = await list('/flavors/detail?is_public=None', 'flavors');
    const services = await this.#cloud.services(this.#version);
    const hypervisors = await list('/os-hypervisors/detail', 'hypervisors');
    const zones = await list('/os-availability-zone/detail', 'availabilityZoneInfo');
    const rows = (table: string, found: Row[]) => this.tables.set(table, found);
    const pick = (of: Record<string, unknown>, ...keys: string[]) => keys.map((key) => toValue(of[key]));
    rows('servers', servers.map(serverRow));
    rows('servers.addresses', servers.flatMap(addressRows));
    rows('tags', []);
    rows(
      'flavors',
      flavors.map((one) => [
        ...pick(one, 'id', 'name', 'vcpus', 'ram', 'disk'),
        toValue(one['OS-FLV-EXT-DATA:ephemeral']),
        toValue(one['rxtx_factor']),
      ]),
    );
    // the driver does not understand the UUIDs of newer services
    const isOld = minorOf(this.#version) < 53;
    rows(
      'services',
      isOld
        ? services.map((one) =>
            pick(
              { ...one },
              'id',
              'binary',
              'host',
              'zone',
              'status',
              'state',
              'updated_at',
              'disabled_reason',
            ),
          )
        : [],
    );
    rows(
      'hypervisors',
      hypervisors.map((one) => pick(one, 'hypervisor_hostname', 'id', 'state', 'status')),
    );
    rows(
      'availability_zones',
      zones.map((one) => [toValue(one['zoneName']), toValue(one['zoneState'])]),
    );
    this.updates++;
    this.lastUpdated = new Date(this.#events.clock.now()).toISOString().replace('T', ' ').replace('Z', '000');
    this.#events.changed();
  }
}

/** `26` of `2.26`. */
export const minorOf = (version: string): number => Number(version.split('.')[1] ?? 0);

function serverRow(server: NovaServer): Row {
  const { id, name, hostId, status, tenant_id, user_id, image, flavor, created } = server;
  return [
    id,
    name,
    hostId,
    status,
    tenant_id,
    user_id,
    image === '' ? 'None' : image.id,
    // newer Novas put the whole flavor into the server
    flavor.id ?? toValue(flavor),
    server['OS-EXT-AZ:availability_zone'] ?? 'None',
    server['OS-EXT-SRV-ATTR:hypervisor_hostname'] ?? 'None',
    created,
  ];
}

function addressRows({ id, addresses }: NovaServer): Row[] {
  return Object.entries(addresses).flatMap(([network, list]) =>
    list.map(
      (one): Row => [
        id,
        network,
        one.addr,
        one.version,
        one['OS-EXT-IPS-MAC:mac_addr'] ?? 'None',
        one['OS-EXT-IPS:type'] ?? 'None',
      ],
    ),
  );
}
