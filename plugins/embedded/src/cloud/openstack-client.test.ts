import { execFile, execFileSync } from 'node:child_process';
import test from 'ava';
import { startTestBed } from './cloud.test.helper.js';
import type { EmbeddedCloud } from './cloud.js';
import { osVariables } from './credentials.js';

/** Debian's python3-openstackclient, when it is there. */
function clientVersion(): string | undefined {
  try {
    return execFileSync('openstack', ['--version'], {
      encoding: 'utf8',
      timeout: 30_000,
      stdio: 'pipe',
    }).trim();
  } catch {
    return undefined;
  }
}

/** Runs commands in one process of the client, which costs a second and a half to start. */
function openstack(
  cloud: EmbeddedCloud,
  commands: readonly string[],
  microversion = '2.53',
): Promise<string> {
  const { PATH = '', HOME = '/tmp' } = process.env;
  const env = {
    PATH,
    HOME,
    LC_ALL: 'C.UTF-8',
    ...osVariables(cloud.credentials),
    OS_COMPUTE_API_VERSION: microversion,
  };
  return new Promise((resolve, reject) => {
    const child = execFile('openstack', { env, timeout: 90_000 }, (error, stdout, stderr) => {
      if (error) reject(error);
      else resolve(stdout + stderr);
    });
    child.stdin?.end(`${commands.join('\n')}\n`);
  });
}

const version = clientVersion();
const clientTest = version === undefined ? test.skip : test;
const title = version === undefined ? '(skipped: `openstack` is not installed) ' : '';

clientTest(`${title}the OpenStack client works on the cloud unmodified`, async (t) => {
  t.timeout(120_000);
  const { cloud } = await startTestBed(t);
  const output = await openstack(cloud, [
    'token issue -f value -c expires',
    'catalog list -f value -c Name',
    'project create p1 -f value -c name',
    'user create --project p1 --password secret u1 -f value -c name',
    'role add --user u1 --project p1 member',
    'role assignment list --names --user u1 -f value -c Role -c Project',
    'application credential create ac1 -f value -c roles',
    'image list -f value -c Name',
    'flavor create --vcpus 1 --ram 64 --disk 1 f1 -f value -c name',
    'flavor list -f value -c Name',
    'network create n1 -f value -c status',
    'subnet create --network n1 --subnet-range 10.1.0.0/24 s1 -f value -c gateway_ip',
    'router create r1 -f value -c status',
    'router set --external-gateway public r1',
    'router add subnet r1 s1',
    'server create --flavor f1 --image cirros --network n1 --wait vm1 -f value -c status',
    'server list --all-projects --long -f value -c Name -c Status',
    'port list --server vm1 -f value -c status',
    'floating ip create public -f value -c floating_ip_address',
    'server add floating ip vm1 172.24.4.3',
    'server show vm1 -f value -c addresses',
    'server migrate --wait vm1',
    'server show vm1 -f value -c status',
    'server migration confirm vm1',
    'server set --state error vm1',
    'server show vm1 -f value -c status',
    'server set --state active vm1',
    'compute service set --disable --disable-reason service-work compute-2 nova-compute',
    'compute service list --long -f csv',
    'compute service set --enable compute-2 nova-compute',
    'compute service set --down compute-3 nova-compute',
    'hypervisor list -f csv',
    'hypervisor show compute-1 -f value -c vcpus',
    'quota set --instances 33 p1',
    'quota show p1 -f value -c instances',
    'network agent list -f value -c Host',
    'server event list vm1 -f value -c Action',
    'server delete --wait vm1',
    'server list -f value',
  ]);
  t.log(version);
  for (const failure of [
    /HTTP 4\d\d/,
    /HTTP 5\d\d/,
    /Traceback/,
    /is not an openstack command/,
    /[Ee]rror (creating|deleting)/,
  ]) {
    t.notRegex(output, failure);
  }
  for (const expected of [
    /nova\n/,
    /member p1@Default/,
    /admin member reader|admin/,
    /f1\nm1|m1\.tiny/,
    /10\.1\.0\.1/,
    /vm1 ACTIVE/,
    /172\.24\.4\.3/,
    /VERIFY_RESIZE/,
    /ERROR/,
    /"compute-2","nova","disabled","up",.*"service-work"/,
    /"compute-3","fake","127\.0\.0\.1","down"/,
    /33/,
    /resetState/,
  ]) {
    t.regex(output, expected);
  }
});

clientTest(`${title}the OpenStack client makes server groups and boots into them`, async (t) => {
  t.timeout(120_000);
  const { cloud, admin } = await startTestBed(t);
  const group = await admin.nova('POST', '/os-server-groups', {
    server_group: { name: 'g0', policies: ['anti-affinity'] },
  });
  const hint = `--hint group=${group.body.server_group.id}`;
  const output = await openstack(
    cloud,
    [
      'network create n1 -f value -c status',
      'subnet create --network n1 --subnet-range 10.1.0.0/24 s1 -f value -c cidr',
      'server group create --policy anti-affinity g1 -f value -c policy',
      `server create --flavor m1.tiny --image cirros --network n1 ${hint} --wait a -f value -c status`,
      `server create --flavor m1.tiny --image cirros --network n1 ${hint} --wait b -f value -c status`,
      'server list --all-projects -f value -c Name -c Status',
    ],
    '2.87',
  );
  t.notRegex(output, /HTTP|Traceback|is not an openstack command/);
  t.regex(output, /b ACTIVE/);
  const { servers } = (await admin.nova('GET', '/servers/detail')).body;
  t.is(new Set(servers.map((one: Record<string, string>) => one['OS-EXT-SRV-ATTR:host'])).size, 2);
});
