import { type FaultEvent, type Inspector, type RecordedEvent, until } from '@nfv-doctor/core';
import { backendWeather, faultEvent, systemClock } from '@nfv-doctor/core/testing';
import congress from '@nfv-doctor/plugin-congress';
import test, { type ExecutionContext } from 'ava';
import { forcedDown, IMPATIENT, roleOnEmulator } from './role.js';

const HOSTS = ['compute-1', 'compute-3'] as const;
const signal = () => AbortSignal.timeout(10_000);

interface Options {
  config?: Record<string, unknown>;
  without?: readonly string[];
  session?: Record<string, unknown>;
}
const create = ({ config = {}, without = [], session = {} }: Options = {}) =>
  roleOnEmulator<Inspector>({
    plugin: congress,
    emulator: 'congress',
    service: 'policy',
    config: { refresh_interval: 20, settle_timeout: 5_000, ...config },
    without,
    session,
  });

/** Started, with what the contract wants to look into. */
async function started(t: ExecutionContext, options: Options = {}) {
  const it = await create(options);
  const { cloud, role: inspector, ask } = it;
  const recorded: RecordedEvent[] = [];
  const end = cloud.doctor.events.onAny((event) => recorded.push(event));
  await inspector.start(signal());
  // Congress knows the instances from its first poll on
  await until(
    async () => ((await ask('GET', ROWS('active_instance_in_host'))) as Rows).results.length === 6,
    {
      clock: systemClock,
      what: 'the first poll of Congress',
      timeoutMs: 10_000,
      intervalMs: 10,
    },
  );
  const { compute } = cloud.doctor.role('controller');
  const instances = Object.fromEntries(
    HOSTS.map((host) => [
      host,
      cloud.instances.filter(({ hostname }) => hostname === host).map(({ id }) => id),
    ]),
  );
  let closed: Promise<void> | undefined;
  const close = () =>
    (closed ??= (async () => {
      end();
      await inspector.stop(signal()).catch(() => {});
      await it.close();
    })());
  t.teardown(close);
  return {
    ...it,
    inspector,
    hosts: HOSTS,
    instances,
    recorded,
    forcedDown: (hostname: string) => forcedDown(cloud, hostname),
    status: async (id: string) => (await compute.instance(id)).status,
    compute,
    close,
  };
}

interface Rows {
  results: { data: string[] }[];
}
const ROWS = (table: string) => `/v1/policies/classification/tables/${table}/rows`;
const EVENTS = '/v1/data-sources/doctor/tables/events/rows';
const rowsOf = async ({ ask }: { ask: (method: string, path: string) => Promise<unknown> }) =>
  ((await ask('GET', EVENTS)) as Rows).results
    .map(({ data }) => `${data[2]}`)
    .toSorted((a, b) => a.localeCompare(b));

backendWeather(
  test,
  async () => {
    const it = await create({ config: { refresh: false }, session: IMPATIENT });
    const { role, proxy, cloud, ask } = it;
    let nth = 0;
    const event = (status: 'down' | 'up'): FaultEvent =>
      faultEvent('compute-1', status, {}, new Date(Date.now() + nth++));
    return {
      role,
      proxy,
      calls: {
        report: async () => {
          await role.report([event('down')]);
          await role.report([event('up')]);
          await role.settled(signal());
        },
      },
      async left() {
        const rules = (await ask('GET', '/v1/policies/classification/rules')) as {
          results: { name: string }[];
        };
        const sources = (await ask('GET', '/v1/data-sources')) as { results: { name: string }[] };
        return [
          ...rules.results.map(({ name }) => `rule ${name}`),
          ...sources.results.flatMap(({ name }) => (name === 'nova' ? [] : [`data source ${name}`])),
        ];
      },
      close: async () => {
        await cloud.doctor.role('controller').compute.hosts();
        await it.close();
      },
    };
  },
  { name: 'congress in bad weather' },
);

test('several hosts down at once all stay in the table; recovery takes one out', async (t) => {
  const it = await started(t);
  const { inspector } = it;
  await inspector.report([faultEvent('compute-1', 'down')]);
  await Promise.all([
    inspector.report([faultEvent('compute-2', 'down')]),
    inspector.report([faultEvent('compute-3', 'down')]),
  ]);
  await inspector.settled(signal());
  t.deepEqual(await rowsOf(it), ['compute-1', 'compute-2', 'compute-3']);
  await inspector.report([faultEvent('compute-2', 'up')]);
  await inspector.settled(signal());
  t.deepEqual(await rowsOf(it), ['compute-1', 'compute-3']);
  t.false(await it.forcedDown('compute-2'));
  t.true(await it.forcedDown('compute-1'));
});

test('a second fault of a host whose row is still there acts', async (t) => {
  const it = await started(t);
  const { inspector, compute, hosts, instances } = it;
  await inspector.report([faultEvent('compute-1', 'down')]);
  await inspector.settled(signal());
  // somebody puts everything right by hand, and nobody reports the host up
  await compute.forceDown('compute-1', false);
  for (const id of instances[hosts[0]] ?? []) await compute.resetState(id, 'active');
  t.false(await it.forcedDown('compute-1'));
  t.deepEqual(await inspector.report([faultEvent('compute-1', 'down')]), { accepted: 1, ignored: 0 });
  await until(() => it.forcedDown('compute-1'), {
    clock: systemClock,
    what: 'compute-1 to be forced down again',
    timeoutMs: 5_000,
    intervalMs: 10,
  });
});

test('only what the fault brought about is taken back', async (t) => {
  const it = await started(t);
  const { inspector, compute, instances } = it;
  const [broken = '', healthy = ''] = instances['compute-1'] ?? [];
  await compute.resetState(broken, 'error');
  await inspector.report([faultEvent('compute-1', 'down')]);
  await inspector.settled(signal());
  t.is(await it.status(healthy), 'ERROR');
  await inspector.report([faultEvent('compute-1', 'up')]);
  await inspector.settled(signal());
  t.is(await it.status(healthy), 'ACTIVE');
  t.is(await it.status(broken), 'ERROR');
  t.false(await it.forcedDown('compute-1'));
});

test('with revert off nothing is taken back', async (t) => {
  const it = await started(t, { config: { revert: false } });
  await it.inspector.report([faultEvent('compute-1', 'down')]);
  await it.inspector.settled(signal());
  await it.inspector.report([faultEvent('compute-1', 'up')]);
  await it.inspector.settled(signal());
  t.true(await it.forcedDown('compute-1'));
  t.deepEqual(await rowsOf(it), []);
});

test('without a controller the events are handed over all the same', async (t) => {
  const it = await started(t, { without: ['controller', 'messageBus'] });
  await it.inspector.report([faultEvent('compute-1', 'down')]);
  await until(() => it.forcedDown('compute-1'), {
    clock: systemClock,
    what: 'compute-1 to be forced down',
    timeoutMs: 5_000,
    intervalMs: 10,
  });
  t.is((await it.inspector.faults()).length, 1);
});

test('a data source that is deleted under us is made again, and goes at the end', async (t) => {
  // Congress takes 5 s to notice that it has no such data source
  const it = await started(t);
  await it.ask('DELETE', '/v1/data-sources/doctor');
  await it.inspector.report([faultEvent('compute-1', 'down')]);
  await it.inspector.settled(signal());
  t.true(await it.forcedDown('compute-1'));
  t.deepEqual(await rowsOf(it), ['compute-1']);
  await it.inspector.stop(signal());
  const { results } = (await it.ask('GET', '/v1/data-sources')) as { results: { name: string }[] };
  t.deepEqual(
    results.map(({ name }) => name),
    ['nova'],
  );
});

test('what was there before stays: data source, rules, rows of others', async (t) => {
  const it = await create();
  t.teardown(() => it.close());
  await it.ask('POST', '/v1/data-sources', { name: 'doctor', driver: 'doctor' });
  const own = {
    name: 'mine',
    // with other white space than Doctor's
    rule: 'host_down(host):-doctor:events(hostname=host,  type="compute.host.down", status="down")',
  };
  await it.ask('POST', '/v1/policies/classification/rules', own);
  const row = faultEvent('compute-9', 'down');
  await it.ask('PUT', EVENTS, [row]);
  await it.role.start(signal());
  const rules = async () =>
    ((await it.ask('GET', '/v1/policies/classification/rules')) as { results: { name: string }[] }).results
      .map(({ name }) => name)
      .toSorted();
  t.deepEqual(await rules(), ['active_instance_in_host', 'error_vm_states', 'host_force_down', 'mine']);
  await it.role.report([faultEvent('compute-1', 'down')]);
  t.deepEqual(await rowsOf(it), ['compute-1', 'compute-9']);
  await it.role.stop(signal());
  t.deepEqual(await rules(), ['mine']);
  t.deepEqual(await rowsOf(it), ['compute-9']);
});

test('what was made although the answer was lost goes too', async (t) => {
  const it = await create();
  t.teardown(() => it.close());
  const rules = async () => ((await it.ask('GET', '/v1/policies/classification/rules')) as Rows).results;
  await it.role.start(signal());
  const needed = it.proxy.requests.length;
  await it.role.stop(signal());
  for (let after = 0; after < needed; after++) {
    it.proxy.set('lost', after);
    await it.role.start(signal()).catch(() => {});
    it.proxy.set(undefined);
    await it.role.stop(signal());
    t.deepEqual(await rules(), [], `answers lost after ${after} requests`);
    const { results } = (await it.ask('GET', '/v1/data-sources')) as { results: unknown[] };
    t.is(results.length, 1);
  }
});

test('an instance that Congress has not polled yet is told it', async (t) => {
  const it = await started(t);
  const { compute } = it.cloud.doctor.role('controller').as(it.cloud.owner.credentials);
  await compute.deleteInstance(it.instances['compute-1']?.[0] ?? '');
  const [network] = await it.cloud.doctor.role('controller').network.networks({ name: 'int_net' });
  const [image] = await it.cloud.doctor.role('controller').image.images();
  const { id } = await compute.createInstance({
    name: 'late',
    flavorId: '1',
    imageId: image?.id ?? '',
    networkIds: [network?.id ?? ''],
  });
  await until(
    async () =>
      ((await it.ask('GET', ROWS('active_instance_in_host'))) as Rows).results.some(
        ({ data }) => data[0] === id,
      ),
    // far less than the ten seconds of Congress' own polls
    { clock: systemClock, what: 'Congress to know the instance', timeoutMs: 3_000, intervalMs: 10 },
  );
  t.pass();
});

for (const [version, fits] of [
  [undefined, true],
  ['2.11', true],
  ['2.52', true],
  [2.26, true],
  ['2.53', false],
  ['2.9', false],
  ['2.87', false],
  ['latest', false],
] as const)
  test(`api_version ${version ?? 'absent'} ${fits ? 'fits' : 'is refused'}`, async (t) => {
    const it = await create();
    t.teardown(() => it.close());
    const { results } = (await it.ask('GET', '/v1/data-sources')) as { results: { id: string }[] };
    await it.ask('DELETE', `/v1/data-sources/${results[0]?.id}`);
    const config = {
      username: 'admin',
      password: it.cloud.password,
      auth_url: it.cloud.keystoneUrl,
      tenant_name: 'admin',
      ...(version === undefined ? {} : { api_version: version }),
    };
    await it.ask('POST', '/v1/data-sources', { name: 'nova', driver: 'nova', config });
    if (!fits) {
      const error = await t.throwsAsync(it.role.start(signal()));
      t.regex(error?.message ?? '', new RegExp(`api_version ${version}: .*2\\.11.*2\\.53`));
      return;
    }
    await it.role.start(signal());
    await it.role.stop(signal());
    t.pass();
  });
