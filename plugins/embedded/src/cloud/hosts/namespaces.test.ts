import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import test from 'ava';
import { startTestBed, until } from '../cloud.test.helper.js';
import { ip, mayUseNamespaces } from './ip-command.js';

function usable(): boolean {
  if (!mayUseNamespaces()) return false;
  const name = `doctor-try-${process.pid}`;
  try {
    execFileSync('ip', ['netns', 'add', name], { stdio: 'ignore' });
    execFileSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
    execFileSync('ping', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const able = usable();
const namespaceTest = able ? test.serial : test.serial.skip;
const title = able ? '' : '(skipped: needs root, `ip netns` and `ping`) ';

/** Whether the host answers one ICMP echo within a second. */
function pings(address: string): boolean {
  try {
    execFileSync('ping', ['-n', '-c', '1', '-W', '1', address], { stdio: 'ignore', timeout: 5000 });
    return true;
  } catch {
    return false;
  }
}

/** Waits until the host answers: a link that came up takes a moment. */
const answers = (address: string): Promise<boolean> =>
  until(
    () => pings(address),
    (answered) => answered,
  );

const ours = async (pid: number): Promise<string[]> =>
  (await ip('netns', 'list')).split('\n').filter((line) => line.startsWith(`doctor-emb-${pid}-`));

namespaceTest(`${title}a host is a namespace whose link goes down and answers ICMP`, async (t) => {
  const { cloud } = await startTestBed(t, { network: 'namespaces', hosts: { count: 2 } });
  const [first, second] = cloud.hosts.map((host) => host.addresses[0]?.address ?? '');
  t.true(await answers(first ?? ''));
  const { toleranceMs } = await cloud.cutNetwork('compute-1');
  t.true(toleranceMs < 1000);
  t.false(pings(first ?? ''));
  t.true(await answers(second ?? ''));
  await cloud.restoreNetwork('compute-1');
  t.true(await answers(first ?? ''));
  await cloud.stop();
  t.deepEqual(await ours(process.pid), []);
});

namespaceTest(`${title}what a killed process left behind is removed by the next start`, async (t) => {
  const module = new URL('../cloud.js', import.meta.url).href;
  const code = `const { createEmbeddedCloud } = await import('${module}');
    await createEmbeddedCloud({ network: 'namespaces', hosts: { count: 1 } }).start();
    console.log('up');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data', { signal: AbortSignal.timeout(20_000) });
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  const { pid = 0 } = child;
  t.is((await ours(pid)).length, 1, 'it is there');
  await startTestBed(t, { network: 'namespaces', hosts: { count: 1 } });
  t.deepEqual(await ours(pid), []);
});
