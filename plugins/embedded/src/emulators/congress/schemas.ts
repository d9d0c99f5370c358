/** Column of a table, with Congress' own words about it. */
export interface Column {
  name: string;
  description: string | null;
}
export interface TableSchema {
  table_id: string;
  columns: readonly Column[];
}

const columns = (names: string): Column[] => names.split(' ').map((name) => ({ name, description: null }));
const described = (list: Record<string, string>): Column[] =>
  Object.entries(list).map(([name, description]) => ({ name, description }));

/** Tables of the `doctor` driver. */
export const DOCTOR_TABLES: readonly TableSchema[] = [
  { table_id: 'events', columns: columns('time type hostname status monitor monitor_event_id') },
];

/** Tables of the `nova` driver. */
export const NOVA_TABLES: readonly TableSchema[] = [
  {
    table_id: 'servers.addresses',
    columns: described({
      server_id: 'UUID of server',
      network_name: 'Name of attached network to server',
      address: 'IP address of the server',
      version: 'Internet Protocol Version of network',
      mac_address: 'MAC address associated to the IP of the server',
      address_type: 'IP address type',
    }),
  },
  {
    table_id: 'tags',
    columns: described({
      server_id: 'UUID of server',
      tag: 'server tag string',
    }),
  },
  {
    table_id: 'servers',
    columns: described({
      id: 'The UUID for the server',
      name: 'Name of the server',
      host_id: 'The UUID for the host',
      status: 'The server status',
      tenant_id: 'The tenant ID',
      user_id: 'The user ID of the user who owns the server',
      image_id: 'Name or ID of image',
      flavor_id: 'ID of the flavor',
      zone: 'The availability zone of host',
      host_name: 'The hostname of hypervisor where the server is running',
      created_at: 'Time at which server is created',
    }),
  },
  {
    table_id: 'flavors',
    columns: described({
      id: 'ID of the flavor',
      name: 'Name of the flavor',
      vcpus: 'Number of vcpus',
      ram: 'Memory size in MB',
      disk: 'Disk size in GB',
      ephemeral: 'Ephemeral space size in GB',
      rxtx_factor: 'RX/TX factor',
    }),
  },
  {
    table_id: 'services',
    columns: described({
      service_id: 'Service ID',
      binary: 'Service binary',
      host: 'Host Name',
      zone: 'Availability Zone',
      status: 'Status of service',
      state: 'State of service',
      updated_at: 'Last updated time',
      disabled_reason: 'Disabled reason',
    }),
  },
  {
    table_id: 'hypervisors',
    columns: described({
      hypervisor_hostname: 'Hypervisor host',
      id: 'hypervisori id',
      state: 'State of the hypervisor',
      status: 'Status of the hypervisor',
    }),
  },
  {
    table_id: 'availability_zones',
    columns: described({
      zone: 'Availability zone name',
      state: 'Availability zone state',
    }),
  },
];
