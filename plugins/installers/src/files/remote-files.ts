import { DoctorError } from '@nfv-doctor/core/plugin-api';
import type { SshSession } from '../ssh/index.js';
import { findScript, placeScript, readScript, restoreScript, SUFFIX, writeScript } from './scripts.js';

/** Exit code of the scripts for "no such file". */
const NONE = 3;

/** Changes files on one node so that each can be put back byte for byte, also by a later process. */
export class RemoteFiles {
  constructor(readonly session: SshSession) {}

  /** The first of `paths` that exists. */
  find(paths: readonly string[], signal?: AbortSignal): Promise<string | undefined> {
    return this.#first(findScript(paths), signal);
  }

  /** The first of `paths` whose folder exists: where a new file may go. */
  place(paths: readonly string[], signal?: AbortSignal): Promise<string | undefined> {
    return this.#first(placeScript(paths), signal);
  }

  async #first(script: string, signal?: AbortSignal): Promise<string | undefined> {
    const options = { root: true, signal, what: 'look for configuration files' };
    const { code, stdout, stderr } = await this.session.execute(script, options);
    if (code === NONE) return undefined;
    if (code !== 0) throw this.#failed('cannot look for configuration files', stderr);
    return stdout.toString('utf8').trim();
  }

  /** The original's text, also while the file is changed; undefined when there is no such file. */
  async original(path: string, signal?: AbortSignal): Promise<string | undefined> {
    const { code, stdout, stderr } = await this.session.execute(readScript(path), {
      root: true,
      signal,
      what: `read ${path}`,
    });
    if (code === NONE) return undefined;
    if (code !== 0) throw this.#failed(`${path} cannot be read`, stderr);
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(stdout);
    } catch {
      throw new DoctorError('BACKEND_PROTOCOL', `${this.#name}: ${path} is no text in UTF-8`);
    }
  }

  /**
   * Replaces the file's content. The original stays beside it until `restore`; one that is there already (left by a process
   * that died) is the true original and stays.
   */
  async write(path: string, text: string, signal?: AbortSignal): Promise<void> {
    const input = Buffer.from(text, 'utf8');
    const options = { root: true, signal, input, what: `write ${path}` };
    const { code, stderr } = await this.session.execute(writeScript(path, input.length), options);
    if (code !== 0) throw this.#failed(`${path} cannot be written`, stderr);
  }

  /** Puts the originals back, byte for byte, with their mode, owner and times. Those of `paths` that there was one for. */
  async restore(paths: readonly string[], signal?: AbortSignal): Promise<string[]> {
    if (paths.length === 0) return [];
    const options = { root: true, signal, what: `restore ${paths.join(', ')}` };
    const { code, stdout, stderr } = await this.session.execute(restoreScript(paths), options);
    if (code !== 0)
      throw this.#failed(
        `cannot restore ${paths.join(', ')} (the originals are beside them, with ${SUFFIX.original} at the end)`,
        stderr,
      );
    const said = new Set(stdout.toString('utf8').split('\n'));
    return paths.filter((path) => said.has(`restored ${path}`));
  }

  get #name(): string {
    return this.session.target.name;
  }

  #failed(what: string, stderr: string): DoctorError {
    const said = stderr.trim().split('\n').at(-1) ?? '';
    return new DoctorError('BACKEND_ERROR', `${this.#name}: ${what}${said === '' ? '' : `: ${said}`}`);
  }
}
