import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));

test('the generated pages are what the schemas say today (npm run docs)', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-docs-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await run(process.execPath, ['core/dist/docs/main.js', folder], { cwd: root });
  const pages = await readdir(folder);
  t.true(pages.includes('configuration.md'));
  for (const page of pages) {
    const [made, kept] = await Promise.all(
      [folder, join(root, 'docs/reference')].map((from) =>
        readFile(join(from, page), 'utf8').catch(() => ''),
      ),
    );
    t.is(kept, made, `docs/reference/${page} is out of date: npm run docs`);
  }
});
