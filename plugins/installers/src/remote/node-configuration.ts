import { DoctorError, type Logger } from '@nfv-doctor/core/plugin-api';
import { RemoteFiles } from '../files/index.js';
import type { Node } from '../nodes/index.js';
import { restartService } from '../services/index.js';
import { SETTING_NAMES, SETTINGS, type Setting, type SettingName } from '../settings/index.js';

export interface ConfigurationOptions {
  /** What is to be changed. */
  settings: readonly SettingName[];
  /** Instead of the usual places. */
  paths: Partial<Record<SettingName, readonly string[]>>;
  /** Instead of the usual names. */
  services: Partial<Record<SettingName, readonly string[]>>;
  /** Time that a restart may take, ms. */
  restartTimeoutMs: number;
}

/** What was done on a node. */
export interface ConfigurationResult {
  /** Settings whose file the node has. */
  found: SettingName[];
  /** Files that Doctor changed. */
  changed: string[];
  /** Files of an earlier process that were put back first. */
  restored: string[];
  restarted: string[];
}

/** One node's configuration files while Doctor runs. */
export class NodeConfiguration {
  readonly #files: RemoteFiles;

  constructor(
    readonly node: Node,
    readonly options: ConfigurationOptions,
    readonly log: Logger,
  ) {
    this.#files = new RemoteFiles(node.session);
  }

  /** Puts back what an earlier process left, changes what is wanted, and restarts what reads the files that changed. */
  async apply(signal?: AbortSignal): Promise<ConfigurationResult> {
    const restored = await this.#files.restore(this.#allPaths(), signal);
    if (restored.length > 0)
      this.log.warn(
        { event: 'installer.leftovers_restored', node: this.node.name, files: restored },
        `${this.node.name}: put back what an earlier process left changed: ${restored.join(', ')}`,
      );
    const found: SettingName[] = [];
    const changed: string[] = [];
    for (const name of this.options.settings) {
      if (!this.#concerns(name)) continue;
      const path = await this.#change(name, changed, signal);
      if (path !== undefined) found.push(name);
    }
    const restarted = await this.#restartReaders([...restored, ...changed], signal);
    return { found, changed, restored, restarted };
  }

  /** Puts everything back; the files. Also what an earlier process left. */
  async restore(signal?: AbortSignal): Promise<string[]> {
    const restored = await this.#files.restore(this.#allPaths(), signal);
    await this.#restartReaders(restored, signal);
    return restored;
  }

  /** The file's path when the node has it. */
  async #change(name: SettingName, changed: string[], signal?: AbortSignal): Promise<string | undefined> {
    const { templates, edit }: Setting = SETTINGS[name];
    const paths = this.#pathsOf(name);
    const present = await this.#files.find(paths, signal);
    const template =
      present === undefined && templates ? await this.#files.find(templates, signal) : undefined;
    const path = present ?? (template === undefined ? undefined : await this.#files.place(paths, signal));
    if (path === undefined) return undefined;
    const text = await this.#files.original(present ?? template ?? path, signal);
    const wanted = this.#edited(path, edit, text ?? '');
    // a file that is made changes something even when its template has all that is wanted
    if (wanted !== text) {
      await this.#files.write(path, wanted, signal);
      changed.push(path);
      this.log.info(
        { event: 'installer.file_changed', node: this.node.name, path, setting: name },
        'file changed',
      );
    }
    return path;
  }

  #edited(path: string, edit: Setting['edit'], text: string): string {
    try {
      return edit(text);
    } catch (error) {
      const { code, message } = DoctorError.from(error, 'BACKEND_PROTOCOL');
      throw new DoctorError(code, `${this.node.name}: ${path}: ${message}`, { cause: error });
    }
  }

  /** Each service once, however many of its files changed. */
  async #restartReaders(paths: readonly string[], signal?: AbortSignal): Promise<string[]> {
    const groups = new Map<string, readonly string[]>();
    for (const name of SETTING_NAMES) {
      if (!this.#concerns(name) || !this.#pathsOf(name).some((path) => paths.includes(path))) continue;
      const services = this.#servicesOf(name);
      groups.set(services.join(' '), services);
    }
    const restarted: string[] = [];
    for (const services of groups.values()) {
      const { session, name } = this.node;
      const done = await restartService(session, services, this.options.restartTimeoutMs, signal);
      if (done !== undefined) restarted.push(done);
      else
        this.log.warn(
          { event: 'installer.service_missing', node: name, services },
          `${name}: has none of these services, so none was restarted: ${services.join(', ')}`,
        );
    }
    return restarted;
  }

  #concerns(name: SettingName): boolean {
    return (SETTINGS[name].roles as readonly string[]).includes(this.node.role);
  }

  #pathsOf(name: SettingName): readonly string[] {
    return this.options.paths[name] ?? SETTINGS[name].paths;
  }

  #servicesOf(name: SettingName): readonly string[] {
    const setting: Setting = SETTINGS[name];
    return this.options.services[name] ?? setting.services[this.node.role] ?? [];
  }

  #allPaths(): string[] {
    return [
      ...new Set(SETTING_NAMES.filter((name) => this.#concerns(name)).flatMap((name) => this.#pathsOf(name))),
    ];
  }
}
