import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { readPluginPackage } from './plugin-package.js';

function read(t: ExecutionContext, matrix: unknown) {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-package-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const json = {
    name: 'doctor-plugin-lookout',
    keywords: ['nfv-doctor-plugin'],
    nfvDoctor: { apiVersion: '^1.0.0', provides: { monitor: ['lookout'] }, matrix },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(json));
  return readPluginPackage(folder, false);
}

test('what a plugin says about the matrix is read', (t) => {
  const matrix = {
    'monitor:lookout': {
      embedded: { config: { 'monitor.port': '{port}' } },
      openstack: { service: 'lighthouse', skip: 'fog' },
    },
  };
  t.deepEqual(read(t, matrix)?.matrix, matrix);
  t.false('matrix' in (read(t, undefined) ?? {}));
});

for (const matrix of [
  [],
  { lookout: { embedded: {} } },
  { 'monitor:lookout': { moon: {} } },
  { 'monitor:lookout': { embedded: { config: ['a'] } } },
  { 'monitor:lookout': { embedded: { skip: true } } },
  { 'monitor:lookout': { embedded: { colour: 'red' } } },
])
  test(`what is wrong in it is told with an example: ${JSON.stringify(matrix)}`, (t) => {
    t.throws(() => read(t, matrix), {
      code: 'PLUGIN_SHAPE',
      message: /doctor-plugin-lookout: nfvDoctor\.matrix .* must be as in \{"monitor:ping"/,
    });
  });
