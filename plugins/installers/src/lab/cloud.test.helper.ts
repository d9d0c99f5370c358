import type { ExecutionContext } from 'ava';
import { type KeyRing, makeKey, makeKeyRing } from '../ssh/sshd.test.helper.js';
import { type Machine, type MachineOptions, startMachine } from './machine.test.helper.js';
import { ip, linkTo, makeNamespace } from './namespace.test.helper.js';

type About = Partial<Omit<MachineOptions, 'namespace' | 'address' | 'key'>> & { hostname: string };

/** A machine that installed a cloud, which this one reaches, and nodes that only it reaches. */
export interface Cloud {
  ring: KeyRing;
  installer: Machine;
  /** Address of the installer, as seen from here. */
  address: string;
  nodes: Machine[];
  /** Key that the nodes take. */
  nodeKey: string;
}

/** Nodes get the addresses 192.0.2.11, .12, ... in a network behind the installer. */
export async function startCloud(
  t: ExecutionContext,
  installer: About,
  nodes: readonly About[],
  options: { oneKey?: boolean } = {},
): Promise<Cloud> {
  const ring = await makeKeyRing(t);
  const nodeKey = options.oneKey ? ring.userKey : makeKey(ring.folder, 'node_key');
  const namespace = makeNamespace(t);
  const { there } = linkTo(namespace, 'eth0');
  ip('-n', namespace, 'link', 'add', 'ctlplane', 'type', 'bridge');
  ip('-n', namespace, 'addr', 'add', '192.0.2.1/24', 'dev', 'ctlplane');
  ip('-n', namespace, 'link', 'set', 'ctlplane', 'up');
  const first = await startMachine(t, ring, {
    ...installer,
    namespace,
    address: there.address,
    key: ring.userKey,
  });
  const all: Machine[] = [];
  for (const [index, about] of nodes.entries()) {
    const own = makeNamespace(t);
    const address = `192.0.2.${11 + index}`;
    const port = `node${index}`;
    ip('link', 'add', port, 'netns', namespace, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', own);
    ip('-n', namespace, 'link', 'set', port, 'master', 'ctlplane', 'up');
    ip('-n', own, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
    ip('-n', own, 'link', 'set', 'eth0', 'up');
    ip('-n', own, 'route', 'add', 'default', 'via', '192.0.2.1');
    all.push(await startMachine(t, ring, { ...about, namespace: own, address, key: nodeKey }));
  }
  return { ring, installer: first, address: there.address, nodes: all, nodeKey };
}
