import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { answering, mustLeaveNothing, service } from './support/bed.js';
import { BED_OPTIONS, doctor } from './support/cli.js';

const CONFIGS = ['openstack.yaml', 'openstack-aodh.yaml'];
const CONFIG = ['--config', 'config/openstack.yaml', ...BED_OPTIONS];

for (const [what, set, message] of [
  ['a wrong password', ['cloud.password=hush-wrong'], /refused user doctor in project service/],
  ['a project that does not exist', ['cloud.project_name=nowhere'], /refused user doctor in project nowhere/],
  [
    'an endpoint missing from the catalog',
    ['cloud.region_name=Nowhere'],
    /no public endpoint in region Nowhere/,
  ],
  [
    'a broker that is down',
    ['message_bus.transport_url=rabbit://openstack:hush@127.0.0.1:1/', 'message_bus.connect_timeout=1 s'],
    /RabbitMQ at 127\.0\.0\.1:1 did not answer/,
  ],
] as const)
  test.serial(`${what}: a clear line, exit code 2, nothing left behind`, async (t) => {
    const leftNothing = await mustLeaveNothing(t);
    const sets = set.flatMap((each) => ['--set', each]);
    const { code, stderr } = await doctor(['test', 'fault_management', ...CONFIG, ...sets]);
    t.is(code, 2, stderr);
    t.regex(stderr, message);
    t.is(stderr.trim().split('\n').length, 1, stderr);
    t.notRegex(stderr, /hush|\bat .*\.js:\d+/);
    await leftNothing();
  });

test.serial('Nova is down at the start: a clear line, exit code 2, nothing left behind', async (t) => {
  const leftNothing = await mustLeaveNothing(t);
  await service('nova-api', 'stop');
  try {
    const { code, stderr } = await doctor([
      'test',
      'fault_management',
      ...CONFIG,
      '--set',
      'cloud.retries=1',
    ]);
    t.is(code, 2, stderr);
    t.regex(stderr, /compute: GET http:\/\/127\.0\.0\.1:8774.*ECONNREFUSED/);
    t.is(stderr.trim().split('\n').length, 1, stderr);
  } finally {
    await service('nova-api', 'start');
    await answering();
    await leftNothing();
  }
});

for (const config of CONFIGS)
  test.serial(`config/${config} runs as it is`, async (t) => {
    const leftNothing = await mustLeaveNothing(t);
    const folder = mkdtempSync(join(tmpdir(), 'doctor-reports-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const { code, stdout, stderr } = await doctor([
      'test',
      'fault_management',
      '--config',
      `config/${config}`,
      ...BED_OPTIONS,
      '--set',
      `report.folder=${folder}`,
    ]);
    t.is(code, 0, stdout + stderr);
    const result = JSON.parse(readFileSync(join(folder, 'latest/result.json'), 'utf8')) as {
      verdict: string;
      cloud: string;
    };
    t.like(result, { verdict: 'passed', cloud: 'openstack' });
    await leftNothing();
  });

test.serial('Ctrl-C half way: everything is taken back', async (t) => {
  const leftNothing = await mustLeaveNothing(t);
  const { code } = await doctor(['test', 'fault_management', ...CONFIG], {}, /Cut the host's network/);
  t.is(code, 130);
  await leftNothing();
});
