import { chmod, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DoctorError } from '@nfv-doctor/core/plugin-api';
import type { ListedNode, Node } from '../nodes/index.js';
import {
  type HostKeyChecking,
  proxyThrough,
  quote,
  SshSession,
  type SshSettings,
  type SshTarget,
} from '../ssh/index.js';
import type { RemoteConfig } from './config.js';
import { privateFolder } from './private-folder.js';

/** The connections to the installer and the nodes, with the private files that they need. */
export class Connections {
  readonly #sessions: SshSession[] = [];
  #nodeKey: string | undefined;

  private constructor(
    readonly config: RemoteConfig,
    readonly configFolder: string,
    readonly folder: string,
    readonly machine: string,
  ) {}

  /** Makes a folder that only this user can read; connects to nothing yet. */
  static async open(config: RemoteConfig, configFolder: string, machine: string): Promise<Connections> {
    return new Connections(config, configFolder, await privateFolder(), machine);
  }

  /** Ends all connections and removes the private files. Idempotent. */
  async close(): Promise<void> {
    // nodes before the machine that leads to them
    await Promise.all(this.#sessions.slice(1).map((session) => session.close()));
    await this.#sessions[0]?.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Connects to the machine that installed the cloud, and gets the nodes' key from there when it is kept there. */
  async installer(signal?: AbortSignal): Promise<SshSession> {
    const { config } = this;
    const session = this.#session({
      name: `${this.machine} ${config.address}`,
      address: config.address,
      ...given('port', config.port),
      ...given('user', config.user),
      ...given('keyFile', this.#path(config.key_file)),
      ...given('proxyCommand', this.#jump()),
    });
    await session.connect(signal);
    if (config.node_key_file !== '') this.#nodeKey = this.#path(config.node_key_file);
    else if (config.node_key_path === '') this.#nodeKey = this.#path(config.key_file) || undefined;
    else this.#nodeKey = await this.#fetch(session, config.node_key_path, 'node_key', signal);
    return session;
  }

  /** A node; not connected yet. */
  node(listed: ListedNode, installer: SshSession): Node {
    const { config } = this;
    const session = this.#session({
      name: `${listed.role} ${listed.name}`,
      address: listed.address,
      ...given('port', config.node_port),
      ...given('user', config.node_user),
      ...given('keyFile', this.#nodeKey),
      ...given('proxyCommand', config.nodes_behind ? installer.proxyCommand() : undefined),
    });
    return { ...listed, session };
  }

  /** Copies a far text file into a private one here; its path. */
  async #fetch(session: SshSession, path: string, name: string, signal?: AbortSignal): Promise<string> {
    const content = await session.exec(`cat ${quote(path)}`, { signal, what: `read ${path}` });
    return this.keep(name, content);
  }

  /** Writes a private file that is gone after `close`. */
  async keep(name: string, content: string): Promise<string> {
    const file = join(this.folder, name);
    await writeFile(file, content, { mode: 0o600 });
    await chmod(file, 0o600);
    return file;
  }

  #session(target: SshTarget): SshSession {
    const { config, folder } = this;
    const session = new SshSession(target, {
      settings: this.#settings(),
      folder,
      commandTimeoutMs: config.command_timeout,
      sudo: config.sudo,
    });
    this.#sessions.push(session);
    return session;
  }

  #settings(): SshSettings {
    const { config } = this;
    return {
      program: config.ssh_program,
      configFile: config.ssh_config === 'none' ? 'none' : this.#path(config.ssh_config),
      knownHostsFile: this.#path(config.known_hosts_file),
      hostKeyChecking: config.host_key_checking as HostKeyChecking,
      connectTimeoutMs: config.connect_timeout,
      aliveTimeoutMs: config.alive_timeout,
    };
  }

  #jump(): string | undefined {
    const { jump_host: jump, key_file: keyFile } = this.config;
    if (jump === '') return undefined;
    const [, user, address = '', port] = /^(?:([^@]+)@)?(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(jump) ?? [];
    if (address === '')
      throw new DoctorError('CONFIG_INVALID', `installer.jump_host: "${jump}" must be [user@]address[:port]`);
    const target: SshTarget = {
      name: `jump host ${address}`,
      address: address.replace(/^\[|\]$/g, ''),
      ...given('user', user),
      ...given('port', Number(port ?? 0)),
      ...given('keyFile', this.#path(keyFile)),
    };
    return proxyThrough(target, this.#settings());
  }

  #path(path: string): string {
    return path === '' ? '' : resolve(this.configFolder, path);
  }
}

/** The property, unless its value means "not set". */
const given = <Key extends string, Value extends string | number>(
  key: Key,
  value: Value | undefined,
): { [K in Key]?: Value } =>
  (value === undefined || value === '' || value === 0 ? {} : { [key]: value }) as { [K in Key]?: Value };
