import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A system command that runs on and on, read line by line. */
export class LineProcess {
  #child: ChildProcess | undefined;
  #stopped = false;

  /**
   * @param ended called when it ends by itself, with what it said last on its standard error
   */
  constructor(
    readonly command: string,
    readonly args: readonly string[],
    readonly line: (text: string) => void,
    readonly ended: (why: string) => void,
  ) {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
    });
    this.#child = child;
    let lastWords = '';
    createInterface({ input: child.stdout }).on('line', (text) => {
      if (!this.#stopped) line(text);
    });
    createInterface({ input: child.stderr }).on('line', (text) => {
      lastWords = text;
    });
    const end = (why: string) => {
      if (this.#stopped) return;
      this.#stopped = true;
      this.#child = undefined;
      ended(why);
    };
    child.once('error', (error) => end(error.message));
    child.once('close', (code, signal) => end(lastWords || `${command} ended with ${signal ?? code}`));
  }

  /** Resolves when the process has ended. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#stopped = true;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.kill('SIGKILL');
    await closed;
  }
}
