// Completes package-lock.json where the registry at hand has the binaries of some platforms only: npm leaves the others
// out of the lock, and then refuses it in `npm ci`. Run after `npm install` in such a place: node .ci/complete-lock.mjs
import { readFile, writeFile } from 'node:fs/promises';

const OS = {
  android: 'android',
  darwin: 'darwin',
  freebsd: 'freebsd',
  linux: 'linux',
  netbsd: 'netbsd',
  openbsd: 'openbsd',
  openharmony: 'openharmony',
  sunos: 'sunos',
  aix: 'aix',
  win32: 'win32',
  windows: 'win32',
  wasm32: 'none',
};
const CPU = {
  arm64: 'arm64',
  aarch64: 'arm64',
  x64: 'x64',
  x86_64: 'x64',
  ia32: 'ia32',
  x86: 'ia32',
  arm: 'arm',
  armv7: 'arm',
  ppc64: 'ppc64',
  ppc64le: 'ppc64',
  ppc64el: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
  loong64: 'loong64',
  mips64el: 'mips64el',
  wasm32: 'wasm32',
};

const lock = JSON.parse(await readFile('package-lock.json', 'utf8'));
const { packages } = lock;
let added = 0;
for (const [path, entry] of Object.entries(packages))
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    if (!/^\d/.test(range) || found(path, name)) continue;
    const words = name.split(/[/\-.]/);
    const os = words.map((word) => OS[word]).find(Boolean);
    const cpu = words.map((word) => CPU[word]).find(Boolean);
    if (!os) continue;
    packages[`node_modules/${name}`] = {
      version: range,
      ...(cpu ? { cpu: [cpu] } : {}),
      ...(entry.dev ? { dev: true } : {}),
      license: entry.license,
      optional: true,
      os: [os],
    };
    added++;
  }
lock.packages = Object.fromEntries(Object.entries(packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
await writeFile('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${added} binaries of other platforms added to package-lock.json\n`);

/** As npm looks for it: in the package's own node_modules, then upwards. */
function found(path, name) {
  for (let at = path; at !== ''; at = at.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$|[^/]*\/?$/, ''))
    if (packages[`${at}/node_modules/${name}`]) return true;
  return packages[`node_modules/${name}`] !== undefined;
}
