import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { makeFolder } from './make-folder.js';

test('makes all that is missing, and what is there stays', (t) => {
  const folder = join(mkdtempSync(join(tmpdir(), 'doctor-folder-')), 'a', 'b');
  makeFolder(folder, 0o700);
  makeFolder(folder);
  t.is(statSync(folder).mode & 0o777, 0o700);
});

test('says why it cannot', (t) => {
  const file = join(mkdtempSync(join(tmpdir(), 'doctor-folder-')), 'file');
  writeFileSync(file, '');
  t.throws(() => makeFolder(join(file, 'below')), { code: 'ENOTDIR' });
});

test('gives up where every mkdir is answered with ENOENT', (t) => {
  t.throws(() => makeFolder('/proc/doctor/below'), { code: 'ENOENT' });
});
