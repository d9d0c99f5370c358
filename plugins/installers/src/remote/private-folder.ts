import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'doctor-ssh-';

/** A folder that only this user can read. Those that killed processes left (with copies of keys) are removed. */
export async function privateFolder(): Promise<string> {
  const names = await readdir(tmpdir());
  await Promise.all(
    names.filter(isAbandoned).map((name) =>
      // somebody else's is not ours to remove
      rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {}),
    ),
  );
  return mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

function isAbandoned(name: string): boolean {
  const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
