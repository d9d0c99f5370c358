import { quote } from './quote.js';

/** What `ssh` does with a host key: `yes` refuses one that known_hosts does not have, `accept-new` remembers it, `no` takes any. */
export type HostKeyChecking = 'yes' | 'accept-new' | 'no';

/** How the machines of one deployment are reached. */
export interface SshSettings {
  /** Program to start: `ssh`, or a path. */
  program: string;
  /** ssh_config to read instead of the user's; empty: the user's, `none`: none. */
  configFile: string;
  /** known_hosts to use instead of the user's; empty: the user's. */
  knownHostsFile: string;
  hostKeyChecking: HostKeyChecking;
  /** ms until a connection must be there, the jump included. */
  connectTimeoutMs: number;
  /** ms without a sign of life after which a connection counts as lost. */
  aliveTimeoutMs: number;
}

/** One machine: where it is and who logs in. */
export interface SshTarget {
  /** For messages, e.g. `controller overcloud-controller-0`. */
  name: string;
  address: string;
  /** Default: what ssh_config says, else 22. */
  port?: number;
  /** Default: what ssh_config says, else the local user. */
  user?: string;
  /** Private key; default: the agent and ssh_config's. */
  keyFile?: string;
  /** Command whose standard input and output are the connection: a jump host. */
  proxyCommand?: string;
}

const seconds = (ms: number) => String(Math.max(1, Math.ceil(ms / 1000)));

/** Three unanswered signs of life end a connection. */
const ALIVE_COUNT = 3;

/** `user@address`, as the last argument before the command. */
export const destination = ({ user, address }: SshTarget): string =>
  user === undefined ? address : `${user}@${address}`;

/** Options of every call for this target. A password is never asked for. */
export function sshArguments(target: SshTarget, settings: SshSettings): string[] {
  const options: Record<string, string> = {
    BatchMode: 'yes',
    LogLevel: 'ERROR',
    StrictHostKeyChecking: settings.hostKeyChecking,
    ConnectTimeout: seconds(settings.connectTimeoutMs),
    ServerAliveInterval: seconds(settings.aliveTimeoutMs / ALIVE_COUNT),
    ServerAliveCountMax: String(ALIVE_COUNT),
    // a tunnel that cannot be made must not pass for one
    ExitOnForwardFailure: 'yes',
  };
  if (settings.hostKeyChecking === 'no') {
    // a key that changed is no news either
    options.UserKnownHostsFile = '/dev/null';
    options.GlobalKnownHostsFile = '/dev/null';
  } else if (settings.knownHostsFile !== '') options.UserKnownHostsFile = settings.knownHostsFile;
  if (target.proxyCommand !== undefined) options.ProxyCommand = target.proxyCommand;
  return [
    ...(settings.configFile === '' ? [] : ['-F', settings.configFile]),
    ...(target.keyFile === undefined ? [] : ['-i', target.keyFile, '-o', 'IdentitiesOnly=yes']),
    ...(target.port === undefined ? [] : ['-p', String(target.port)]),
    ...Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`]),
  ];
}

/**
 * ProxyCommand that reaches the next machine through this one, over the connection that is there already when there is one.
 * (`-J` would do so with a connection of its own, which knows neither the key nor the known_hosts given here.)
 */
export function proxyThrough(target: SshTarget, settings: SshSettings, controlPath?: string): string {
  const words = [
    settings.program,
    ...(controlPath === undefined ? [] : ['-S', controlPath]),
    ...sshArguments(target, settings),
  ];
  const escaped = [...words, destination(target)].map((word) => quote(word.replaceAll('%', '%%')));
  const last = escaped.pop();
  return [...escaped, '-W', '[%h]:%p', last].join(' ');
}
