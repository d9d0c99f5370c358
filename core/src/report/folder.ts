import { accessSync, constants, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DoctorError } from '../errors/index.js';
import { makeFolder } from '../files/make-folder.js';

/** The folder of one run. */
export class ReportFolder {
  readonly path: string;

  /**
   * Makes the folder, and so finds out before anything is done whether it can be written.
   * @throws DoctorError FILE_UNWRITABLE
   */
  constructor(
    readonly root: string,
    readonly runId: string,
  ) {
    this.path = resolve(root, runId);
    try {
      makeFolder(this.path);
      accessSync(this.path, constants.W_OK | constants.X_OK);
      this.write('.writable', '');
      rmSync(join(this.path, '.writable'));
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? String(error);
      throw new DoctorError(
        'FILE_UNWRITABLE',
        `the report folder ${this.path} cannot be written (${reason}); set report.folder to one that can`,
        { cause: error },
      );
    }
    this.#linkLatest();
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** Writes a file whole or not at all. */
  write(name: string, text: string): void {
    const path = this.file(name);
    writeFileSync(`${path}.part`, text);
    renameSync(`${path}.part`, path);
  }

  /** `latest` points at this run; where links cannot be made, there is none. */
  #linkLatest(): void {
    const link = join(resolve(this.root), 'latest');
    try {
      rmSync(`${link}.part`, { force: true });
      symlinkSync(this.runId, `${link}.part`, 'dir');
      renameSync(`${link}.part`, link);
    } catch {
      rmSync(`${link}.part`, { force: true });
    }
  }
}
