import { execFileSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { threadId } from 'node:worker_threads';
import type { ExecutionContext } from 'ava';

/** Why network namespaces cannot be made here; undefined when they can. */
export function missingNamespaces(): string | undefined {
  if (userInfo().uid !== 0) return 'network namespaces need root';
  const name = `doctor-probe-${process.pid}-${threadId}`;
  try {
    ip('netns', 'add', name);
    ip('netns', 'delete', name);
    return undefined;
  } catch (error) {
    return `network namespaces cannot be made: ${(error as Error).message.split('\n').at(-1)}`;
  }
}

export const ip = (...args: string[]): string =>
  execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

let count = 0;

/** A machine's network: a namespace that is gone after the test, with what runs in it. */
export function makeNamespace(t: ExecutionContext): string {
  const name = `doctor-${process.pid}-${threadId}-${++count}`;
  ip('netns', 'add', name);
  t.teardown(() => {
    for (const pid of ip('netns', 'pids', name).split('\n').filter(Boolean)) {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // ended meanwhile
      }
    }
    ip('netns', 'delete', name);
  });
  ip('-n', name, 'link', 'set', 'lo', 'up');
  return name;
}

/** A real link between this machine and a namespace; interface and address of either end. */
export interface Link {
  here: { device: string; address: string };
  there: { device: string; address: string };
}

const NETS = 16_384;

/** A /30 of 10.214.0.0/16 that no other test has: the interface's name says which, and only one can have it. */
export function linkTo(namespace: string, device: string): Link {
  const first = (process.pid * 31 + threadId * 7) % NETS;
  for (let attempt = 0; attempt < 64; attempt++) {
    const net = (first + attempt) % NETS;
    const name = `doctor-net${net}`;
    try {
      ip('link', 'add', name, 'type', 'veth', 'peer', 'name', device, 'netns', namespace);
    } catch (error) {
      if (/File exists/.test((error as Error).message)) continue;
      throw error;
    }
    return addressed(namespace, net, name, device);
  }
  throw new Error('no free network for a link');
}

function addressed(namespace: string, net: number, name: string, device: string): Link {
  const prefix = `10.214.${net >> 6}`;
  const base = (net & 63) * 4;
  const here = { device: name, address: `${prefix}.${base + 1}` };
  const there = { device, address: `${prefix}.${base + 2}` };
  ip('addr', 'add', `${here.address}/30`, 'dev', here.device);
  ip('link', 'set', here.device, 'up');
  ip('-n', namespace, 'addr', 'add', `${there.address}/30`, 'dev', device);
  ip('-n', namespace, 'link', 'set', device, 'up');
  return { here, there };
}
