import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { loadInstalled } from '../host/index.js';
import { referencePages } from './pages.js';

/** `node core/dist/docs/main.js [FOLDER]`: writes the generated pages, by default to docs/reference. */
const folder = resolve(process.argv[2] ?? 'docs/reference');
const installed = await loadInstalled([], process.cwd());
if (installed.problems.length > 0) {
  for (const { message } of installed.problems) process.stderr.write(`docs: ${message}\n`);
  process.exit(2);
}
await mkdir(folder, { recursive: true });
for (const [name, text] of Object.entries(referencePages(installed)))
  await writeFile(join(folder, name), text);
