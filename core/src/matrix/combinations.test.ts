import test from 'ava';
import type { MatrixCloud } from './clouds.js';
import { combinations } from './combinations.js';

const sample = {
  provides: {
    inspector: ['sample'],
    monitor: ['sample'],
    notifier: ['sample'],
    admin_tool: ['sample'],
    app_manager: ['sample'],
  },
};
const emulated = (name: string) => ({ embedded: { config: { 'installer.emulators': [name] } } });
const congress = {
  provides: { inspector: ['congress'] },
  matrix: { 'inspector:congress': { ...emulated('congress'), openstack: { service: 'policy' } } },
};
const collectd = {
  provides: { monitor: ['collectd'] },
  matrix: {
    'monitor:collectd': {
      embedded: { config: { 'installer.emulators': ['collectd'], 'monitor.port': '{port}' } },
      openstack: { skip: 'nobody watches' },
    },
  },
};
const cloud = (changes: Partial<MatrixCloud> = {}): MatrixCloud => ({
  kind: 'embedded',
  configFile: 'a.yaml',
  packages: [congress, sample, collectd],
  hasService: () => true,
  available: [],
  ...changes,
});
const named = (clouds: readonly MatrixCloud[]) =>
  new Map(combinations(clouds).map((combination) => [combination.id, combination]));

test('each type with each other, sample first, on each cloud', (t) => {
  const ids = [...named([cloud(), cloud({ kind: 'openstack' })]).keys()];
  t.deepEqual(ids, [
    'fault_management-embedded-sample-sample-sample',
    'fault_management-embedded-sample-collectd-sample',
    'fault_management-embedded-congress-sample-sample',
    'fault_management-embedded-congress-collectd-sample',
    'fault_management-openstack-sample-sample-sample',
    'fault_management-openstack-sample-collectd-sample',
    'fault_management-openstack-congress-sample-sample',
    'fault_management-openstack-congress-collectd-sample',
    'maintenance-embedded-sample-sample-sample',
    'maintenance-openstack-sample-sample-sample',
  ]);
});

test("what several plugins need is joined; a type that needs nothing has the file's configuration", (t) => {
  const all = named([cloud()]);
  t.deepEqual(all.get('fault_management-embedded-congress-collectd-sample')?.config, {
    'installer.emulators': ['congress', 'collectd'],
    'monitor.port': '{port}',
  });
  t.deepEqual(all.get('fault_management-embedded-sample-sample-sample')?.config, {});
});

test('every reason not to run is told', (t) => {
  const all = named([cloud({ kind: 'openstack', hasService: (type) => type !== 'policy' })]);
  const reason = (id: string) => all.get(`fault_management-openstack-${id}`)?.skip;
  t.is(reason('sample-sample-sample'), undefined);
  t.is(reason('sample-collectd-sample'), 'monitor collectd: nobody watches');
  t.is(
    reason('congress-collectd-sample'),
    'inspector congress: the catalog has no policy service; monitor collectd: nobody watches',
  );
  const away = combinations([cloud({ unavailable: 'out of reach' })]);
  t.deepEqual([...new Set(away.map(({ skip }) => skip))], ['out of reach']);
});

test('a role that nobody plays has no combination', (t) => {
  const { monitor: _, ...provides } = sample.provides;
  t.deepEqual(
    combinations([cloud({ packages: [{ provides }] })]).map(({ scenario }) => scenario),
    ['maintenance'],
  );
});

test('what a plugin skips runs where the configuration says that it can', (t) => {
  const id = 'fault_management-openstack-sample-collectd-sample';
  const skipOf = (available: string[]) => named([cloud({ kind: 'openstack', available })]).get(id)?.skip;
  t.is(skipOf([]), 'monitor collectd: nobody watches');
  t.is(skipOf(['inspector:collectd']), 'monitor collectd: nobody watches');
  t.is(skipOf(['monitor:collectd']), undefined);
});
