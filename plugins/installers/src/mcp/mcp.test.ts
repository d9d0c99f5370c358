import anyTest from 'ava';
import { startCloud } from '../lab/cloud.test.helper.js';
import { installerFor } from '../lab/installer.test.helper.js';
import { missingNamespaces } from '../lab/namespace.test.helper.js';
import { missingSshd } from '../ssh/sshd.test.helper.js';

const missing = missingSshd() ?? missingNamespaces();
if (missing !== undefined) anyTest(`skipped: ${missing}`, (t) => t.pass());
const test = missing === undefined ? anyTest.serial : anyTest.skip;

const PIPELINE = 'sinks:\n- name: event_sink\n  publishers: [notifier://]\n';
const FOLDER = 'lib/etc';

test('minions of the Salt master; credentials from a controller; services of systemd', async (t) => {
  const cloud = await startCloud(
    t,
    {
      hostname: 'cfg01',
      programs: {
        salt: `[ "$*" = "--out json --static * pillar.get _param:single_address" ] || { echo "bad call: $*" >&2; exit 1; }
cat minions`,
      },
    },
    [
      { hostname: 'ctl01', units: ['ceilometer-agent-notification', 'nova-scheduler', 'congress-server'] },
      { hostname: 'cmp001', units: ['nova-compute'] },
    ],
    { oneKey: true },
  );
  const [controller, compute] = cloud.nodes;
  cloud.installer.write(
    'minions',
    JSON.stringify({
      'ctl01.mcp.local': '192.0.2.11',
      'cmp001.mcp.local': '192.0.2.12',
      'cmp002.mcp.local': false,
      'cfg01.mcp.local': '192.0.2.1',
    }),
  );
  controller?.write(
    'home/keystonercv3',
    'export OS_AUTH_URL=http://192.0.2.10:35357/v3\nexport OS_USERNAME="admin"\nexport OS_PASSWORD=secret\nexport OS_ENDPOINT_TYPE="internal"\n',
  );
  controller?.write(`${FOLDER}/event_pipeline.yaml`, PIPELINE);
  controller?.write(`${FOLDER}/congress.conf`, '[DEFAULT]\ndrivers = a.B\n');
  const { installer } = await installerFor(t, 'mcp', cloud, {
    settings: ['event_pipeline', 'congress_driver'],
    setting_paths: {
      event_pipeline: ['/nowhere/event_pipeline.yaml', '/var/lib/etc/event_pipeline.yaml'],
      congress_driver: ['/var/lib/etc/congress.conf'],
    },
  });
  await installer.start(new AbortController().signal);
  t.deepEqual(await installer.hosts(), [
    { hostname: 'cmp001', addresses: [{ plane: 'management', address: '192.0.2.12' }] },
  ]);
  t.deepEqual(await installer.credentials(), {
    authUrl: 'http://192.0.2.10:35357/v3',
    username: 'admin',
    password: 'secret',
    interface: 'internal',
  });
  t.deepEqual(await installer.describeAccess(), {
    'Salt master': `root@${cloud.address}`,
    'ctl01.mcp.local': 'root@192.0.2.11',
    'cmp001.mcp.local': 'root@192.0.2.12',
  });
  t.regex(controller?.read(`${FOLDER}/congress.conf`) ?? '', /drivers = a\.B,congress\.datasources\.doctor/);
  t.deepEqual(controller?.calls(), [
    'systemctl restart ceilometer-agent-notification.service',
    'systemctl restart congress-server.service',
  ]);
  await installer.stop();
  t.is(controller?.read(`${FOLDER}/event_pipeline.yaml`), PIPELINE);
  t.is(controller?.read(`${FOLDER}/congress.conf`), '[DEFAULT]\ndrivers = a.B\n');
  t.deepEqual(compute?.calls(), []);
});

test('a setting whose file no node has is told, and what was changed before is put back by stop', async (t) => {
  const cloud = await startCloud(
    t,
    { hostname: 'cfg01', programs: { salt: `echo '{"ctl01.x": "192.0.2.11", "cmp001.x": "192.0.2.12"}'` } },
    [{ hostname: 'ctl01', units: ['ceilometer-agent-notification'] }, { hostname: 'cmp001' }],
    { oneKey: true },
  );
  const [controller] = cloud.nodes;
  controller?.write(`${FOLDER}/event_pipeline.yaml`, PIPELINE);
  const { installer } = await installerFor(t, 'mcp', cloud, {
    settings: ['event_pipeline', 'congress_driver'],
    setting_paths: {
      event_pipeline: ['/var/lib/etc/event_pipeline.yaml'],
      congress_driver: ['/var/lib/etc/congress.conf'],
    },
  });
  await t.throwsAsync(installer.start(new AbortController().signal), {
    code: 'BACKEND_ERROR',
    message: /no node has the file for congress_driver; looked for \/var\/lib\/etc\/congress\.conf/,
  });
  await installer.stop();
  t.is(controller?.read(`${FOLDER}/event_pipeline.yaml`), PIPELINE);
});
