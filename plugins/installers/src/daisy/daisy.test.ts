import { execFileSync } from 'node:child_process';
import anyTest from 'ava';
import { startCloud } from '../lab/cloud.test.helper.js';
import { installerFor } from '../lab/installer.test.helper.js';
import { missingNamespaces } from '../lab/namespace.test.helper.js';
import { missingSshd } from '../ssh/sshd.test.helper.js';

const missing = missingSshd() ?? missingNamespaces();
if (missing !== undefined) anyTest(`skipped: ${missing}`, (t) => t.pass());
const test = missing === undefined ? anyTest.serial : anyTest.skip;

const TABLE = `+----+-----------------+-------------+--------+----------------------------------------+
| ID | Name            | Description | Status | role                                   |
+----+-----------------+-------------+--------+----------------------------------------+
| a  | host-192-0-2-11 | default     | active | [u'CONTROLLER_LB', u'CONTROLLER_HA']   |
| b  | host-192-0-2-12 | default     | active | [u'COMPUTER']                          |
+----+-----------------+-------------+--------+----------------------------------------+
`;

test("rows of Daisy's table; Kolla's containers", async (t) => {
  const cloud = await startCloud(
    t,
    {
      hostname: 'daisy',
      programs: { daisy: '[ "$OS_ENDPOINT $1" = "http://daisy:19292 host-list" ] && cat table' },
    },
    [
      { hostname: 'host-192-0-2-11', containers: ['nova_scheduler'] },
      { hostname: 'host-192-0-2-12', containers: ['nova_compute'] },
    ],
  );
  const [controller, compute] = cloud.nodes;
  cloud.installer.write('table', TABLE);
  cloud.installer.write('home/daisyrc_admin', 'export OS_ENDPOINT=http://daisy:19292\n');
  cloud.installer.write(
    'home/openrc.sh',
    'export OS_AUTH_URL=http://192.0.2.11:35357/v2.0\nexport OS_USERNAME=admin\n',
  );
  cloud.installer.write('home/.ssh/id_rsa', execFileSync('cat', [cloud.nodeKey], { encoding: 'utf8' }));
  for (const node of cloud.nodes) node.write('lib/nova.conf', '[DEFAULT]\nhost = n1\n');
  const { installer } = await installerFor(t, 'daisy', cloud, {
    rc_file: 'openrc.sh',
    settings: ['cpu_allocation_ratio'],
    setting_paths: { cpu_allocation_ratio: ['/var/lib/nova.conf'] },
  });
  await installer.start(new AbortController().signal);
  t.deepEqual(await installer.hosts(), [
    { hostname: 'n1', addresses: [{ plane: 'management', address: '192.0.2.12' }] },
  ]);
  t.deepEqual(await installer.credentials(), { authUrl: 'http://192.0.2.11:35357/v3', username: 'admin' });
  t.is(compute?.read('lib/nova.conf'), '[DEFAULT]\ncpu_allocation_ratio = 1.0\nhost = n1\n');
  t.deepEqual(controller?.calls(), ['docker restart nova_scheduler']);
  t.deepEqual(compute?.calls(), ['docker restart nova_compute']);
  await installer.stop();
  t.is(compute?.read('lib/nova.conf'), '[DEFAULT]\nhost = n1\n');
});
