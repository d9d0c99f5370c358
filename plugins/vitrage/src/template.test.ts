import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { HOST_DOWN_TEMPLATE, loadTemplate } from './template.js';

test("a file's values are texts, as Vitrage wants its versions", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-vitrage-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'mine.yaml'), 'metadata:\n  version: 3\n  name: mine\n');
  t.deepEqual(await loadTemplate('mine.yaml', folder), { metadata: { version: '3', name: 'mine' } });
  await t.throwsAsync(loadTemplate('nowhere.yaml', folder), {
    message: /^inspector\.template_file: .*nowhere\.yaml: ENOENT/,
  });
});

test("Doctor's own template", async (t) => {
  t.is(await loadTemplate('', '/'), HOST_DOWN_TEMPLATE);
  t.is(HOST_DOWN_TEMPLATE.metadata.version, '3');
});
