import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { HostNetwork } from './host-network.js';
import { ip, requireNamespaces } from './ip-command.js';

/** Names of the namespaces: `doctor-emb-<pid>-<start of the process>-<cloud>-<host>`. */
const PREFIX = 'doctor-emb';
/** The host's end of its link, inside its namespace. */
const UPLINK = 'up0';
const RESPONDER = fileURLToPath(new URL('./namespace-responder.js', import.meta.url));
/** How long a responder may take to listen. */
const LISTEN_LIMIT_MS = 20_000;
/** Two addresses per link out of 198.18.0.0/15, the range set aside for tests of networks. */
const LINKS = 32_768;

let clouds = 0;

/**
 * Opens one network namespace per host, joined to this one by a veth link that really goes down. The kernel of the
 * namespace answers ICMP, a small process in it TCP and UDP. Needs root and `ip`. What a process that died left
 * behind is removed first.
 */
export async function openNamespaceHosts(count: number): Promise<readonly HostNetwork[]> {
  requireNamespaces();
  await removeLeftOvers();
  clouds += 1;
  const first = freeLinks(count);
  const hosts: NamespaceHost[] = [];
  try {
    for (let index = 0; index < count; index += 1) {
      const name = `${PREFIX}-${process.pid}-${startOf(process.pid)}-${clouds}-${index + 1}`;
      const host = new NamespaceHost(
        name,
        `de${process.pid.toString(36)}${clouds.toString(36)}h${index}`,
        first + index,
      );
      hosts.push(host);
      await host.open();
    }
    await Promise.all(hosts.map((host) => host.listen()));
    return hosts;
  } catch (error) {
    await Promise.allSettled(hosts.map((host) => host.close()));
    throw error;
  }
}

/** A host in a network namespace. */
class NamespaceHost implements HostNetwork {
  readonly address: string;
  readonly #name: string;
  readonly #device: string;
  readonly #gateway: string;
  #responder: ChildProcess | undefined;
  #port = 0;

  constructor(name: string, device: string, link: number) {
    this.#name = name;
    this.#device = device;
    this.#gateway = linkAddress(link, 1);
    this.address = linkAddress(link, 2);
  }

  get port(): number {
    return this.#port;
  }

  async open(): Promise<void> {
    const [name, device] = [this.#name, this.#device];
    await ip('netns', 'add', name);
    await ip('link', 'add', device, 'type', 'veth', 'peer', 'name', UPLINK, 'netns', name);
    await ip('addr', 'add', `${this.#gateway}/30`, 'dev', device);
    await ip('link', 'set', device, 'up');
    await ip('-n', name, 'addr', 'add', `${this.address}/30`, 'dev', UPLINK);
    await ip('-n', name, 'link', 'set', 'lo', 'up');
    await this.restore();
  }

  /** Starts the process that answers TCP and UDP; it ends with this one, whatever happens. */
  async listen(): Promise<void> {
    const args = ['netns', 'exec', this.#name, process.execPath, RESPONDER, this.address];
    const child = spawn('ip', args, { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#responder = child;
    const lines = createInterface({ input: child.stdout });
    const signal = AbortSignal.timeout(LISTEN_LIMIT_MS);
    const ended = once(child, 'exit', { signal }).then(([code]) => {
      throw new Error(`the responder of ${this.#name} ended with code ${String(code)}`);
    });
    const [line] = await Promise.race([once(lines, 'line', { signal }), ended]);
    // The process may end later, when the host is closed.
    ended.catch(() => undefined);
    lines.close();
    this.#port = Number(line);
  }

  async cut(): Promise<void> {
    await ip('-n', this.#name, 'link', 'set', UPLINK, 'down');
  }

  async restore(): Promise<void> {
    await ip('-n', this.#name, 'link', 'set', UPLINK, 'up');
  }

  async close(): Promise<void> {
    const child = this.#responder;
    this.#responder = undefined;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
    await ip('link', 'del', this.#device).catch(ignoreMissing);
    await ip('netns', 'del', this.#name).catch(ignoreMissing);
  }
}

/** What is to be removed may not be there: a start that failed half-way. */
function ignoreMissing(error: Error): void {
  if (!/Cannot find device|No such file/i.test(error.message)) throw error;
}

/** Removes namespaces of processes that are no more; their links go with them. */
async function removeLeftOvers(): Promise<void> {
  const list = await ip('netns', 'list');
  for (const line of list.split('\n')) {
    const name = line.split(' ')[0] ?? '';
    const match = new RegExp(`^${PREFIX}-(\\d+)-(\\d+)-\\d+-\\d+$`).exec(name);
    // A process of the same number that started at another time is another one.
    if (match === null || startOf(Number(match[1])) === match[2]) continue;
    await ip('netns', 'del', name).catch(ignoreMissing);
  }
}

/** When the process started, in clock ticks since boot; undefined when there is none. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

const linkAddress = (link: number, host: number): string => {
  const value = link * 4 + host;
  return `198.${18 + (value >> 16)}.${(value >> 8) & 255}.${value & 255}`;
};

/** Number of the first of so many links in a row whose addresses nobody here uses. */
function freeLinks(count: number): number {
  const taken = new Set(
    Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? []),
  );
  for (let tries = 0; tries < 100; tries += 1) {
    const first = randomInt(0, LINKS - count);
    const free = Array.from({ length: count }, (_, index) => linkAddress(first + index, 1));
    if (!free.some((address) => taken.has(address))) return first;
  }
  throw new Error(`no ${count} free links in 198.18.0.0/15`);
}
