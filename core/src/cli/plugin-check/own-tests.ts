import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AnyProvider } from '../../host/load-plugin.js';
import { type Finding, ok, wrong } from './finding.js';

/** Time for a plugin's own tests. */
const LIMIT_MS = 300_000;
/** Lines of their output that are shown when they fail. */
const SHOWN = 25;

const camelCase = (name: string) => name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());

/** The tests that stand in a package's sources. */
function testFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ['node_modules', 'dist'].includes(entry.name) ? [] : testFiles(path);
    return /\.test\.[cm]?[jt]s$/.test(entry.name) ? [path] : [];
  });
}

/** Whether the plugin's tests run the contract suites of its roles. */
export async function checkContracts(folder: string, providers: readonly AnyProvider[]): Promise<Finding[]> {
  const kit = await import('../../testing/index.js');
  const texts = testFiles(folder).map((file) => readFileSync(file, 'utf8'));
  return [...new Set(providers.map(({ role }) => String(role)))].flatMap((role) => {
    const suite = `${camelCase(role)}Contract`;
    if (!(suite in kit)) return [];
    return texts.some((text) => text.includes(`${suite}(`))
      ? [ok(`${role}: its tests run ${suite} of @nfv-doctor/core/testing`)]
      : [wrong(`${role}: its tests do not run ${suite} of @nfv-doctor/core/testing; three lines do`)];
  });
}

/** Runs `npm test` of the package. */
export function runOwnTests(
  folder: string,
  script: string | undefined,
  signal: AbortSignal,
): Promise<Finding> {
  if (!script) return Promise.resolve(wrong('package.json has no script "test"'));
  return new Promise((resolve, reject) => {
    const child = spawn('npm', ['test', '--silent'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LIMIT_MS,
      signal,
    });
    let text = '';
    const collect = (chunk: Buffer) => {
      text += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', reject);
    child.on('close', (code) =>
      resolve(
        code === 0
          ? ok('its own tests pass')
          : wrong(`its own tests fail (npm test):\n${text.trimEnd().split('\n').slice(-SHOWN).join('\n')}`),
      ),
    );
  });
}
