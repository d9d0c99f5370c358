import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DoctorError } from '../errors/index.js';
import { problem } from './problem.js';
import type { Provenance, Setting } from './sources.js';

/** What stands in the place of a secret wherever values are shown. */
export const MASK = '***';

const RANK: Readonly<Record<Provenance['kind'], number>> = { cli: 3, env: 2, file: 1, default: 0 };

/** The path as it counts: relative ones start at the folder of the file they stand in, else at the working folder. */
export const absolutePath = (path: string, from: Provenance): string =>
  path === '' ? '' : resolve(from.kind === 'file' ? from.folder : process.cwd(), path);

const whereOf = (from: Provenance) => (from.kind === 'default' ? '' : from.name);

/** Puts the content of `<key>_file` in the place of the secret `<key>`; of both given, the stronger source counts. */
export function readSecretFiles(settings: readonly Setting[], problems: DoctorError[]): Setting[] {
  const byKey = new Map(settings.map((setting) => [setting.option.key, setting]));
  for (const twin of settings) {
    const secret = twin.option.holds === undefined ? undefined : byKey.get(twin.option.holds);
    if (!secret || twin.value === '') continue;
    const { key } = twin.option;
    const rank = RANK[twin.from.kind] - RANK[secret.from.kind];
    if (rank < 0) continue;
    if (rank === 0) {
      problems.push(
        problem('CONFIG_INVALID', whereOf(twin.from), key, `give ${key} or ${secret.option.key}, not both`),
      );
      continue;
    }
    try {
      const value = secret.option.format.parse(
        readFileSync(twin.value as string, 'utf8').replace(/\r?\n$/, ''),
      );
      byKey.set(secret.option.key, { ...secret, value, from: twin.from });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      problems.push(
        problem(
          'CONFIG_INVALID',
          whereOf(twin.from),
          key,
          `the file ${String(twin.value)} cannot be read as a secret (${code ?? 'wrong format'})`,
        ),
      );
    }
  }
  return [...byKey.values()];
}
