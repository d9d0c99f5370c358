import { type Inspector, type RecordedEvent } from '@nfv-doctor/core';
import { backendWeather, faultEvent } from '@nfv-doctor/core/testing';
import vitrage from '@nfv-doctor/plugin-vitrage';
import test, { type ExecutionContext } from 'ava';
import { recording } from './recorded.js';
import { forcedDown, IMPATIENT, roleOnEmulator } from './role.js';

const HOSTS = ['compute-1', 'compute-3'] as const;
const signal = () => AbortSignal.timeout(10_000);
const create = (config: Record<string, unknown> = {}, session: Record<string, unknown> = {}) =>
  roleOnEmulator<Inspector>({
    plugin: vitrage,
    emulator: 'vitrage',
    service: 'rca',
    config: { upload_template: true, settle_timeout: 5_000, ...config },
    session,
  });

async function started(t: ExecutionContext) {
  const it = await create();
  const { cloud, role: inspector } = it;
  const recorded: RecordedEvent[] = [];
  const end = cloud.doctor.events.onAny((event) => recorded.push(event));
  await inspector.start(signal());
  const { compute } = cloud.doctor.role('controller');
  const instances = Object.fromEntries(
    HOSTS.map((host) => [
      host,
      cloud.instances.flatMap(({ id, hostname }) => (hostname === host ? [id] : [])),
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
    close,
  };
}

backendWeather(
  test,
  async () => {
    const it = await create({}, IMPATIENT);
    const { role, proxy, ask } = it;
    let nth = 0;
    const event = (status: 'down' | 'up') =>
      faultEvent('compute-1', status, {}, new Date(Date.now() + nth++));
    return {
      role,
      proxy,
      calls: {
        report: async () => {
          await role.report([event('down')]);
          await role.report([event('up')]);
        },
      },
      left: async () => ((await ask('GET', '/v1/template/')) as { name: string }[]).map(({ name }) => name),
      close: () => it.close(),
    };
  },
  { name: 'vitrage in bad weather' },
);

test('the instances that Vitrage deduced are read back by their ids in Nova', async (t) => {
  const { inspector, instances } = await started(t);
  await inspector.report([faultEvent('compute-1', 'down')]);
  await inspector.settled(signal());
  const [fault] = await inspector.faults();
  t.deepEqual(fault?.affectedInstances.toSorted(), instances['compute-1']?.toSorted());
});

test('an event that Vitrage took and lost is sent again, down and up', async (t) => {
  const { inspector, proxy, instances, status, forcedDown: isDown } = await started(t);
  const posts = () => proxy.requests.filter((request) => request.startsWith('POST /v1/event')).length;
  const [instance = ''] = instances['compute-1'] ?? [];
  for (const [turn, now] of [
    ['down', 'ERROR'],
    ['up', 'ACTIVE'],
  ] as const) {
    const before = posts();
    proxy.set('swallowed');
    await inspector.report([faultEvent('compute-1', turn)]);
    // and for a moment its alarms cannot be read
    proxy.set('failing');
    setTimeout(() => proxy.set(undefined), 300);
    await inspector.settled(signal());
    t.is(posts() - before, 2, turn);
    t.is(await isDown('compute-1'), turn === 'down');
    t.is(await status(instance), now);
  }
  t.deepEqual(await inspector.faults(), []);
});

test('a template that is missing, and one that is wrong, are told', async (t) => {
  const it = await create({ upload_template: false });
  t.teardown(() => it.close());
  await t.throwsAsync(it.role.start(signal()), {
    message: /no template host_down_scenarios.*upload_template/,
  });
  const broken = { metadata: { version: 3, name: 'host_down_scenarios' } };
  await it.ask('PUT', '/v1/template/', { templates: [[null, broken]] });
  await t.throwsAsync(it.role.start(signal()), { message: /no template|is ERROR \(Unsupported version/ });
});

test('a deployed template is used and stays', async (t) => {
  const it = await create({ upload_template: false });
  t.teardown(() => it.close());
  const other = await create();
  t.teardown(() => other.close());
  await other.role.start(signal());
  const [template] = (await other.ask('GET', '/v1/template/')) as { name: string; status: string }[];
  t.like(template, { name: 'host_down_scenarios', status: 'ACTIVE' });
  await other.role.stop(signal());
  t.deepEqual(await other.ask('GET', '/v1/template/'), []);
});

test('the recorded post of the original monitor is taken', async (t) => {
  const it = await started(t);
  const { request } = recording<{ request: { body: Record<string, unknown> } }>(
    'vitrage/event-post-down.json',
  );
  t.is(await it.ask('POST', '/v1/event/', request.body), null);
});
