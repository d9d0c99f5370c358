import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { quote } from '../ssh/index.js';
import { type KeyRing, type Sshd, startSshd } from '../ssh/sshd.test.helper.js';

/** A machine of its own: network, host name, home, /var/lib, programs; sshd is real. */
export interface Machine {
  namespace: string;
  sshd: Sshd;
  /** Writes a file below its home (`home/...`) or /var/lib (`lib/...`). */
  write(path: string, content: string): void;
  read(path: string): string;
  /** Lines that its stand-in programs wrote down, oldest first; forgets them. */
  calls(): string[];
}

export interface MachineOptions {
  namespace: string;
  address: string;
  hostname: string;
  /** Key that may log in. */
  key: string;
  /** systemd units and containers that it has. */
  units?: readonly string[];
  containers?: readonly string[];
  /** More stand-in programs: name → body of a shell script. */
  programs?: Readonly<Record<string, string>>;
  /** Whether its host key is in known_hosts; default true. */
  known?: boolean;
}

const SYSTEMCTL = `case "$1" in
  cat) grep -qx "$2" units;;
  restart) grep -qx "$2" units && echo "systemctl restart $2" >> calls;;
  is-active) grep -qx "$3" units;;
  *) exit 2;;
esac`;

const DOCKER = `for name; do :; done
grep -qx "$name" containers || exit 1
case "$1" in
  inspect) echo true;;
  restart) echo "docker restart $name" >> calls;;
  *) exit 2;;
esac`;

/** Stand-ins for what a real node has; each works in the machine's own folder. */
const PROGRAMS = { systemctl: SYSTEMCTL, docker: DOCKER, podman: 'exit 1', sudo: 'shift; cd / && exec "$@"' };

export async function startMachine(
  t: ExecutionContext,
  ring: KeyRing,
  options: MachineOptions,
): Promise<Machine> {
  const { namespace, hostname, units = [], containers = [] } = options;
  const root = join(ring.folder, hostname);
  for (const folder of ['home', 'lib', 'programs', 'none'])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'units'), units.map((unit) => `${unit}.service\n`).join(''));
  writeFileSync(join(root, 'containers'), containers.map((name) => `${name}\n`).join(''));
  writeFileSync(join(root, 'calls'), '');
  for (const [name, body] of Object.entries({ ...PROGRAMS, ...options.programs }))
    writeFileSync(join(root, 'programs', name), `#!/bin/sh\ncd ${quote(root)} || exit 1\n${body}\n`, {
      mode: 0o755,
    });
  const script = [
    `hostname ${quote(hostname)}`,
    `mount --bind ${quote(join(root, 'home'))} ${quote(homedir())}`,
    `mount --bind ${quote(join(root, 'lib'))} /var/lib`,
    // what this machine itself may have is not the test's to change
    `for d in nova ceilometer congress kolla; do if [ -d /etc/$d ]; then mount --bind ${quote(join(root, 'none'))} /etc/$d; fi; done`,
    'exec "$@"',
  ].join(' && ');
  const sshd = await startSshd(t, ring, {
    address: options.address,
    port: 22,
    key: options.key,
    known: options.known ?? true,
    programs: join(root, 'programs'),
    home: homedir(),
    prefix: ['ip', 'netns', 'exec', namespace, 'unshare', '--mount', '--uts', 'sh', '-c', script, 'machine'],
  });
  return {
    namespace,
    sshd,
    write(path, content) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    },
    read: (path) => readFileSync(join(root, path), 'utf8'),
    calls() {
      const lines = readFileSync(join(root, 'calls'), 'utf8').split('\n').filter(Boolean);
      writeFileSync(join(root, 'calls'), '');
      return lines;
    },
  };
}
