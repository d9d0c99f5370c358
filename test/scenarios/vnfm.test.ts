import { readFile } from 'node:fs/promises';
import vnfm from '@nfv-doctor/plugin-vnfm';
import test from 'ava';
import { parse } from 'yaml';
import { runOnEmbeddedCloud } from './rig.js';

type Sections = Record<string, Record<string, unknown>>;

const SHORT: Sections = {
  installer: { migration_time: '50ms', confirm_time: '20ms', network: 'none' },
  test: { maintenance_lead: '2s', poll_interval: '20ms' },
};
const failures = (
  scenario: { checks: readonly { verdict: string; name: string; detail: string }[] } | undefined,
) => scenario?.checks.filter(({ verdict }) => verdict !== 'passed') ?? ['no scenario'];

test.serial(
  'a whole maintenance with the constraints of config/vnfm.yaml: passed, without downtime',
  async (t) => {
    t.timeout(120_000);
    const file = parse(
      await readFile(new URL('../../../config/vnfm.yaml', import.meta.url), 'utf8'),
    ) as Sections;
    const config = {
      ...file,
      installer: { ...file['installer'], ...SHORT['installer'] },
      test: SHORT['test'] ?? {},
    };
    const { result } = await runOnEmbeddedCloud(t, { names: ['maintenance'], config, plugins: [vnfm] });
    const [scenario] = result.scenarios;
    t.deepEqual(failures(scenario), []);
    t.is(scenario?.verdict, 'passed', scenario?.reason ?? '');
    t.like(scenario, { serviceDowntimeMs: 0, plugins: { appManager: 'vnfm', adminTool: 'sample' } });
  },
);

/** Hosts with two workers each, beside those of the pair, of which one may be touched at a time. */
const ONE_AT_A_TIME: Sections = {
  ...SHORT,
  installer: {
    ...SHORT['installer'],
    hosts: { count: 5 },
  },
  app_manager: {
    type: 'vnfm',
    migration_types: ['MIGRATE'],
    groups: { workers: { max_impacted_members: 1 } },
    instances: [{ part: 'scalable', group: 'workers' }],
  },
};

test.serial('a limit that the admin tool was told is kept by it', async (t) => {
  t.timeout(120_000);
  const { result } = await runOnEmbeddedCloud(t, {
    names: ['maintenance'],
    config: ONE_AT_A_TIME,
    plugins: [vnfm],
  });
  t.deepEqual(failures(result.scenarios[0]), []);
  t.is(result.verdict, 'passed');
});

test.serial(
  'a limit that the admin tool does not know is kept by the answers: no, with the reason',
  async (t) => {
    t.timeout(120_000);
    const { result } = await runOnEmbeddedCloud(t, {
      names: ['maintenance'],
      config: { ...ONE_AT_A_TIME, app_manager: { ...ONE_AT_A_TIME['app_manager'], constraints_api: 'off' } },
      plugins: [vnfm],
    });
    t.is(result.verdict, 'failed');
    const outcome = result.scenarios[0]?.checks.find(({ name }) => name === 'the session ended as expected');
    t.regex(outcome?.detail ?? '', /MAINTENANCE_FAILED/);
    // what was released is being made again, and not all hosts had their turn; every other promise was kept
    const expected = /ended as expected|maintained once|full capacity/;
    t.deepEqual(
      failures(result.scenarios[0]).filter(
        (check) => typeof check === 'string' || !expected.test(check.name),
      ),
      [],
    );
  },
);
