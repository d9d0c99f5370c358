import { execFileSync, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { until } from '@nfv-doctor/core/plugin-api';
import { systemClock } from '@nfv-doctor/core/testing';
import anyTest, { type ExecutionContext } from 'ava';
import { parse } from 'yaml';
import { type Cloud, startCloud } from '../lab/cloud.test.helper.js';
import { configOf, installerFor, reach } from '../lab/installer.test.helper.js';
import { ip, missingNamespaces } from '../lab/namespace.test.helper.js';
import { freePort, missingSshd } from '../ssh/sshd.test.helper.js';

const missing = missingSshd() ?? missingNamespaces();
if (missing !== undefined) anyTest(`skipped: ${missing}`, (t) => t.pass());
const test = missing === undefined ? anyTest.serial : anyTest.skip;

const CEILOMETER = 'lib/config-data/puppet-generated/ceilometer/etc/ceilometer';
const NOVA = 'lib/config-data/puppet-generated/nova_libvirt/etc/nova/nova.conf';
const PIPELINE = `# of the deployment
sinks:
    - name: event_sink
      publishers: ['notifier://']   # gnocchi
`;
const DEFINITIONS = "---\n- event_type: 'compute.instance.*'\n  traits: {host: {fields: publisher_id}}\n";
const NOVA_CONF =
  '[DEFAULT]\nhost=overcloud-novacompute-0.localdomain\ncpu_allocation_ratio=16.0\n[libvirt]\nhost = no\n';

const server = (name: string, address: string) => ({
  ID: name,
  Name: name,
  Status: 'ACTIVE',
  Networks: `ctlplane=${address}`,
});
const SERVERS = JSON.stringify([
  server('overcloud-controller-0', '192.0.2.11'),
  server('overcloud-novacompute-0', '192.0.2.12'),
]);

async function tripleo(
  t: ExecutionContext,
): Promise<Cloud & { controller: Cloud['installer']; compute: Cloud['installer'] }> {
  const cloud = await startCloud(
    t,
    {
      hostname: 'undercloud',
      programs: {
        openstack: `[ "$OS_AUTH_URL $*" = "http://192.0.2.1:5000 server list -f json" ] || { echo "Missing value auth-url" >&2; exit 1; }
cat servers`,
      },
    },
    [
      { hostname: 'overcloud-controller-0', containers: ['ceilometer_agent_notification', 'nova_scheduler'] },
      { hostname: 'overcloud-novacompute-0', units: ['openstack-nova-compute'] },
    ],
  );
  const { installer, nodes, ring, nodeKey } = cloud;
  const [controller, compute] = nodes;
  if (!controller || !compute) throw new Error('two nodes');
  installer.write('servers', SERVERS);
  installer.write('home/stackrc', 'export OS_AUTH_URL=http://192.0.2.1:5000\n');
  installer.write(
    'home/overcloudrc',
    "for key in $(set | awk -F= '/^OS_/ {print $1}'); do unset $key; done\nexport OS_USERNAME=admin\nexport OS_PASSWORD='p=w d'\nexport OS_AUTH_URL=http://192.0.2.5:5000/v3\nexport OS_PROJECT_NAME=admin\nexport OS_USER_DOMAIN_NAME=Default\nexport OS_PROJECT_DOMAIN_NAME=Default\nexport OS_REGION_NAME=regionOne\n",
  );
  installer.write('home/.ssh/id_rsa', execFileSync('cat', [nodeKey], { encoding: 'utf8' }));
  controller.write(`${CEILOMETER}/event_pipeline.yaml`, PIPELINE);
  controller.write(`${CEILOMETER}/event_definitions.yaml`, DEFINITIONS);
  compute.write(NOVA, NOVA_CONF);
  t.truthy(ring);
  return { ...cloud, controller, compute };
}

const signal = () => new AbortController().signal;
const RESTARTED = ['docker restart ceilometer_agent_notification'];

test('nodes, credentials and hosts are found; files are changed and come back byte for byte', async (t) => {
  const cloud = await tripleo(t);
  const { controller, compute } = cloud;
  const { installer, config } = await installerFor(t, 'apex', cloud, {
    settings: ['event_pipeline', 'event_definitions', 'cpu_allocation_ratio'],
  });
  t.is(config.node_key_path, '.ssh/id_rsa');
  await installer.start(signal());
  t.deepEqual(await installer.hosts(), [
    {
      hostname: 'overcloud-novacompute-0.localdomain',
      addresses: [{ plane: 'management', address: '192.0.2.12' }],
    },
  ]);
  t.deepEqual(await installer.credentials(), {
    authUrl: 'http://192.0.2.5:5000/v3',
    username: 'admin',
    password: 'p=w d',
    projectName: 'admin',
    userDomainName: 'Default',
    projectDomainName: 'Default',
    regionName: 'regionOne',
  });
  t.deepEqual(parse(controller.read(`${CEILOMETER}/event_pipeline.yaml`)).sinks[0].publishers, [
    'notifier://',
    'notifier://?topic=alarm.all',
  ]);
  t.regex(controller.read(`${CEILOMETER}/event_definitions.yaml`), /maintenance\.scheduled/);
  t.is(compute.read(NOVA), NOVA_CONF.replace('cpu_allocation_ratio=16.0', 'cpu_allocation_ratio = 1.0'));
  t.deepEqual(controller.calls(), RESTARTED);
  t.deepEqual(compute.calls(), ['systemctl restart openstack-nova-compute.service']);
  await installer.stop();
  t.is(controller.read(`${CEILOMETER}/event_pipeline.yaml`), PIPELINE);
  t.is(controller.read(`${CEILOMETER}/event_definitions.yaml`), DEFINITIONS);
  t.is(compute.read(NOVA), NOVA_CONF);
  t.deepEqual(controller.calls(), RESTARTED);
  await installer.stop();
  t.deepEqual(controller.calls(), [], 'a second stop does nothing');
});

test('what a process that was killed left behind, the next one puts back', async (t) => {
  const cloud = await tripleo(t);
  const { controller } = cloud;
  const config = configOf('apex', reach(cloud));
  const helper = fileURLToPath(new URL('../lab/crash.test.helper.js', import.meta.url));
  const child = spawn(process.execPath, [helper, 'apex', JSON.stringify(config)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const wait = { clock: systemClock, timeoutMs: 30_000 };
  await until(() => output.includes('started'), { ...wait, what: 'the first process to start' });
  t.not(controller.read(`${CEILOMETER}/event_pipeline.yaml`), PIPELINE);
  child.kill('SIGKILL');
  // its connections end with it
  await until(() => !connectedTo(controller.namespace), { ...wait, what: 'connections to end' });
  controller.calls();
  const abandoned = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`doctor-ssh-${child.pid}-`));
  t.is(abandoned().length, 1);

  const next = await installerFor(t, 'apex', cloud, { settings: ['event_definitions'] });
  await next.installer.start(signal());
  t.deepEqual(abandoned(), [], "its copy of the nodes' key is gone");
  t.is(controller.read(`${CEILOMETER}/event_pipeline.yaml`), PIPELINE, 'not wanted any more: back at once');
  t.regex(controller.read(`${CEILOMETER}/event_definitions.yaml`), /maintenance\.host/);
  t.deepEqual(controller.calls(), RESTARTED);
  await next.installer.stop();
  t.is(controller.read(`${CEILOMETER}/event_definitions.yaml`), DEFINITIONS);
});

const connectedTo = (namespace: string) =>
  execFileSync('ip', ['netns', 'exec', namespace, 'cat', '/proc/net/tcp'], { encoding: 'utf8' })
    .split('\n')
    // port 22, established
    .some((line) => /:0016 \S+ 01 /.test(line));

test('a node that cannot be reached on stop is told, with what is left on it; the next run clears it', async (t) => {
  const cloud = await tripleo(t);
  const { controller } = cloud;
  const { installer } = await installerFor(t, 'apex', cloud, {
    connect_timeout: 2_000,
    command_timeout: 2_000,
  });
  await installer.start(signal());
  ip('-n', controller.namespace, 'link', 'set', 'eth0', 'down');
  await t.throwsAsync(installer.stop(), { message: /overcloud-controller-0/ });
  ip('-n', controller.namespace, 'link', 'set', 'eth0', 'up');
  t.not(controller.read(`${CEILOMETER}/event_pipeline.yaml`), PIPELINE);
  const next = await installerFor(t, 'apex', cloud);
  await until(
    () =>
      next.installer.start(signal()).then(
        () => true,
        () => false,
      ),
    {
      clock: systemClock,
      what: 'the controller to be reachable',
      timeoutMs: 20_000,
    },
  );
  await next.installer.stop();
  t.is(controller.read(`${CEILOMETER}/event_pipeline.yaml`), PIPELINE);
});

test("a compute's network is cut through the jump host, and stop brings it back", async (t) => {
  const cloud = await tripleo(t);
  const { compute } = cloud;
  const { installer, context } = await installerFor(t, 'apex', cloud);
  await installer.start(signal());
  const began = context.clock.monotonic();
  const cut = await installer.cutNetwork('overcloud-novacompute-0.localdomain', 1_500);
  t.true(cut.cutAt > began && cut.cutAt <= context.clock.monotonic());
  t.log(`tolerance ${cut.toleranceMs.toFixed(1)} ms`);
  const state = () => ip('-n', compute.namespace, '-o', 'link', 'show', 'eth0');
  t.regex(state(), /state DOWN/);
  await installer.stop();
  t.regex(state(), /state UP/);
  t.regex(ip('-n', compute.namespace, 'route'), /default via 192\.0\.2\.1/);
  t.deepEqual(
    context.recorded.map(({ name }) => name),
    ['network.cut', 'network.restored'],
  );
  await t.throwsAsync(installer.cutNetwork('x', 1), { code: 'CONFLICT' });
});

test("a controller's port leads to this machine's", async (t) => {
  const cloud = await tripleo(t);
  const consumer = createServer((_request, response) => response.end('consumer')).listen(0, '127.0.0.1');
  t.teardown(() => consumer.close());
  await new Promise((resolve) => consumer.once('listening', resolve));
  const { port } = consumer.address() as { port: number };
  const listenPort = await freePort();
  const { installer } = await installerFor(t, 'apex', cloud, {
    tunnels: [{ port, listen_port: listenPort }],
  });
  await installer.start(signal());
  const request = `exec 3<>/dev/tcp/127.0.0.1/${listenPort}; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3`;
  const child = spawn('ip', [
    'netns',
    'exec',
    cloud.controller.namespace,
    'timeout',
    '10',
    'bash',
    '-c',
    request,
  ]);
  let answer = '';
  child.stdout.on('data', (chunk: Buffer) => {
    answer += chunk.toString();
  });
  await new Promise((resolve) => child.once('close', resolve));
  t.regex(answer, /\r\n\r\nconsumer$/);
  t.deepEqual(installer.health(), { status: 'up', detail: '' });
});

test('what is wrong is told in one line for each node, and stop still works', async (t) => {
  const cloud = await tripleo(t);
  const { ring } = cloud;
  const noKey = await installerFor(t, 'apex', cloud, { node_key_path: '', node_key_file: ring.userKey });
  const error = await t.throwsAsync(noKey.installer.start(signal()), { code: 'BACKEND_ERROR' });
  t.is(
    error?.message,
    'compute overcloud-novacompute-0 (192.0.2.12): it takes none of our keys: check user and key file, or that the agent has the key (ssh-add -l)',
  );
  await t.notThrowsAsync(noKey.installer.stop());

  cloud.installer.write('home/stackrc', '');
  const noCloud = await installerFor(t, 'apex', cloud);
  await t.throwsAsync(noCloud.installer.start(signal()), {
    message:
      /^undercloud \S+: \. \.\/stackrc && openstack server list -f json: exit code 1: Missing value auth-url$/,
  });
});

for (const [what, change, message] of [
  [
    'no address',
    { address: '' },
    /installer\.address: must be set to the undercloud's address \(or INSTALLER_IP\)/,
  ],
  [
    'an unknown setting',
    { settings: ['nova'] },
    /installer\.settings: there is no nova; must be of: event_pipeline/,
  ],
  ['a tunnel without a port', { tunnels: [{ listen_port: 1 }] }, /installer\.tunnels\[0\]\.port/],
  ['a bad expression', { computes: '(' }, /installer\.computes: Invalid regular expression/],
  [
    'paths that are none',
    { setting_paths: { event_pipeline: 'x' } },
    /setting_paths\.event_pipeline: must be a list/,
  ],
  ['a jump host that is none', { jump_host: 'a b:c' }, /installer\.jump_host: "a b:c" must be/],
] as const)
  anyTest(`configuration: ${what}`, async (t) => {
    const here = { ring: { userKey: '', knownHosts: '' }, address: '192.0.2.1' } as unknown as Cloud;
    const { installer } = await installerFor(t, 'apex', here, change);
    await t.throwsAsync(installer.start(signal()), { code: 'CONFIG_INVALID', message });
  });
