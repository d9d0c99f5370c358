/** A process that ends itself with SIGKILL around one of its writes. */
export interface Mortal {
  guard(write: () => Promise<void>): Promise<void>;
}

export type When = 'after' | 'before';

function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  // nothing runs after this
  return new Promise<never>(() => {});
}

/** @param at number of the write; 0: it lives on */
export function mortal(when: When, at: number): Mortal {
  let writes = 0;
  return {
    async guard(write) {
      const last = ++writes === at;
      if (last && when === 'before') await die();
      await write();
      if (last && when === 'after') await die();
    },
  };
}

/** What a process gets to know when its life begins. */
export interface Life {
  folder: string;
  when: When;
  /** The write around which it dies; 0: it lives on. */
  at: number;
}

/** Everything has been loaded; resolves when this process is the one that lives now. */
export function born(): Promise<Life> {
  return new Promise((resolve) => {
    process.on('disconnect', () => process.exit(0));
    process.once('message', (life) => resolve(life as Life));
  });
}
