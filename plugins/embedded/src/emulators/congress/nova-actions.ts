import type { Value } from './datalog/ast.js';

/** A call of Nova that an action comes down to. */
export interface NovaCall {
  method: 'PUT' | 'POST' | 'DELETE';
  path: string;
  json?: unknown;
}

interface Action {
  name: string;
  args: { name: string; desc: string }[];
  description: string;
  call(args: readonly Value[], minor: number): NovaCall;
}

const server = (id: Value | undefined) => `/servers/${encodeURIComponent(String(id))}`;
const act =
  (key: string, body: (args: readonly Value[]) => unknown = () => null): Action['call'] =>
  (args) => ({ method: 'POST', path: `${server(args[0])}/action`, json: { [key]: body(args) } });

/** novaclient's method for a service takes the UUID alone from 2.53 on; Congress still gives it host and binary. */
const service =
  (path: string, body: (args: readonly Value[]) => Record<string, Value>): Action['call'] =>
  (args, minor) => {
    if (minor >= 53) throw new TypeError(`${path}() takes from 2 to 3 positional arguments but 4 were given`);
    const [host = '', binary = ''] = args;
    return { method: 'PUT', path: `/os-services/${path}`, json: { host, binary, ...body(args) } };
  };

const arg = (name: string, desc: string) => ({ name, desc });
const META = ' :returns: An instance of novaclient.base.TupleWithMeta';

const ACTIONS: readonly Action[] = [
  {
    name: 'servers.delete',
    args: [arg('server', `server: The :class:\`Server\` (or its ID) to delete${META}`)],
    description: 'Delete (i.e. shut down and delete the image) this server. ',
    call: (args) => ({ method: 'DELETE', path: server(args[0]) }),
  },
  {
    name: 'servers.migrate',
    args: [arg('obj', 'server: The :class:`Server` (or its ID).')],
    description: 'Migrate a server to a new host. ',
    call: act('migrate'),
  },
  {
    name: 'servers.reset_state',
    args: [
      arg('server', 'server: ID of the instance to reset the state of.'),
      arg('state', `state: Desired state; either 'active' or 'error'.  Defaults to 'error'.${META}`),
    ],
    description: 'Reset the state of an instance to active or error. ',
    call: act('os-resetState', ([, state = 'error']) => ({ state })),
  },
  {
    name: 'servers.start',
    args: [arg('server', `server: The :class:\`Server\` (or its ID) to start${META}`)],
    description: 'Start the server. ',
    call: act('os-start'),
  },
  {
    name: 'servers.stop',
    args: [arg('server', `server: The :class:\`Server\` (or its ID) to stop${META}`)],
    description: 'Stop the server. ',
    call: act('os-stop'),
  },
  {
    name: 'services.disable',
    args: [arg('obj', 'service_uuid: The UUID ID of the service to disable.')],
    description: 'Disable the service specified by the service UUID ID. ',
    call: service('disable', () => ({})),
  },
  {
    name: 'services.disable_log_reason',
    args: [arg('obj', 'service_uuid: The UUID ID of the service to disable.')],
    description: 'Disable the service with a reason. ',
    call: service('disable-log-reason', ([, , reason = '']) => ({ disabled_reason: reason })),
  },
  {
    name: 'services.enable',
    args: [arg('obj', 'service_uuid: The UUID ID of the service to enable.')],
    description: 'Enable the service specified by the service UUID ID. ',
    call: service('enable', () => ({})),
  },
  {
    name: 'services.force_down',
    args: [arg('obj', 'service_uuid: The UUID ID of the service.')],
    description: "Update the service's ``forced_down`` field specified by the service UUID ID. ",
    call: service('force-down', ([, , down = '']) => ({ forced_down: down })),
  },
];

/** As `GET /v1/data-sources/nova/actions` lists them. */
export const NOVA_ACTIONS = ACTIONS.map(({ name, args, description }) => ({ name, args, description }));

/** @throws Error as novaclient would */
export function novaCall(action: string, args: readonly Value[], version: string): NovaCall {
  const found = ACTIONS.find(({ name }) => name === action);
  if (!found) throw new Error(`'Client' object has no action ${action}`);
  return found.call(args, Number(version.split('.')[1] ?? 0));
}
