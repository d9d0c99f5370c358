import { createDoctor, type Doctor, type Inspector, type Plugin, until } from '@nfv-doctor/core';
import { faultEvent, systemClock } from '@nfv-doctor/core/testing';
import vitrage from '@nfv-doctor/plugin-vitrage';
import test from 'ava';

/** A test bed without Vitrage is asked for by its name alone. */
const onVitrage = process.env.WITH_VITRAGE === '0' ? test.skip : test.serial;
/** Host with instances of the test's own; small enough for the test bed. */
const HOST = 'compute-1';
const INSTANCES = 2;
const signal = () => AbortSignal.timeout(120_000);
const wait = (what: string, look: () => Promise<boolean>, timeoutMs = 90_000) =>
  until(look, { clock: systemClock, what, timeoutMs, intervalMs: 200 });

interface World {
  doctor: Doctor;
  ids: string[];
  undo: (() => Promise<void>)[];
}

onVitrage('a real Vitrage: event, force-down, instances in error, read back, recovery', async (t) => {
  const doctor = await createDoctor({
    config: {
      log: { level: 'silent' },
      cloud: { type: 'openstack', cloud: 'doctor-admin' },
      controller: { type: 'openstack' },
      installer: { type: 'local' },
    },
    roles: ['cloud', 'controller'],
  });
  await doctor.start();
  const world: World = { doctor, ids: [], undo: [() => doctor.stop()] };
  t.teardown(async () => {
    for (const step of world.undo.toReversed()) await step();
  });
  const session = doctor.role('cloud');
  await bootInstances(world);
  const compute = doctor.role('controller').compute;
  const inspector = make(vitrage, doctor);
  await inspector.start(signal());
  world.undo.push(() => inspector.stop(signal()));
  world.undo.push(() => compute.forceDown(HOST, false));

  // a new instance comes with a notification, or with the snapshot after a minute
  await wait('Vitrage to know the instances', async () => {
    const { body } = await session.request<{ nodes: { id?: string }[] }>('rca', {
      method: 'POST',
      path: '/v1/topology/',
      json: { graph_type: 'graph', all_tenants: 1 },
    });
    const known = new Set(body.nodes.map(({ id }) => id));
    return world.ids.every((id) => known.has(id));
  });

  const began = performance.now();
  await inspector.report([faultEvent(HOST, 'down', { severity: 'critical', cause: 'link-down' })]);
  const isDown = async () =>
    (await compute.hosts()).some((host) => host.hostname === HOST && host.forcedDown);
  const inError = async () =>
    (await Promise.all(world.ids.map((id) => compute.instance(id)))).every(
      ({ status }) => status === 'ERROR',
    );
  await wait('the host to be forced down', isDown);
  const downMs = performance.now() - began;
  await wait('the instances to be in error', inError);
  t.log(
    `host forced down after ${Math.round(downMs)} ms, ${INSTANCES} instances in error after ${Math.round(performance.now() - began)} ms`,
  );
  await inspector.settled(signal());
  await wait('Vitrage to show the instances as affected', async () => {
    const [fault] = await inspector.faults();
    return world.ids.every((id) => fault?.affectedInstances.includes(id));
  });

  await inspector.report([faultEvent(HOST, 'up')]);
  await inspector.settled(signal());
  await wait('the host to be up', async () => !(await isDown()));
  await wait('the instances to be active', async () =>
    (await Promise.all(world.ids.map((id) => compute.instance(id)))).every(
      ({ status }) => status === 'ACTIVE',
    ),
  );
  t.deepEqual(await inspector.faults(), []);
});

onVitrage('a real Vitrage: the template is uploaded, and deleted at the end', async (t) => {
  const doctor = await createDoctor({
    config: {
      log: { level: 'silent' },
      cloud: { type: 'openstack', cloud: 'doctor-admin' },
      installer: { type: 'local' },
    },
    roles: ['cloud'],
  });
  await doctor.start();
  t.teardown(() => doctor.stop());
  const session = doctor.role('cloud');
  const list = async () =>
    (await session.request<{ name: string; uuid: string }[]>('rca', { method: 'GET', path: '/v1/template/' }))
      .body;
  const before = await list();
  // the deployed template goes away meanwhile, so that Doctor's own is missing
  const deployed = before.find(({ name }) => name === 'host_down_scenarios');
  if (deployed)
    await session.request('rca', { method: 'DELETE', path: '/v1/template/', json: { id: [deployed.uuid] } });
  await wait(
    'the deployed template to be gone',
    async () => !(await list()).some(({ uuid }) => uuid === deployed?.uuid),
  );
  const inspector = make(vitrage, doctor, { upload_template: true });
  await inspector.start(signal());
  t.true((await list()).some(({ name }) => name === 'host_down_scenarios'));
  await inspector.stop(signal());
  await wait(
    'the template to be gone again',
    async () => !(await list()).some(({ name }) => name === 'host_down_scenarios'),
  );
  const missing = await t.throwsAsync(make(vitrage, doctor).start(signal()));
  t.regex(missing?.message ?? '', /no template host_down_scenarios/);
  if (!deployed) return;
  // as it was found
  const again = make(vitrage, doctor, { upload_template: true });
  await again.start(signal());
});

function make(plugin: Plugin, doctor: Doctor, config: Record<string, unknown> = {}): Inspector {
  const [provider] = plugin.provides;
  const options = (provider?.config ?? {}) as Record<string, { default: unknown }>;
  const defaults = Object.fromEntries(Object.entries(options).map(([key, option]) => [key, option.default]));
  return provider?.create(
    {
      config: { ...defaults, settle_timeout: 60_000, ...config },
      role: 'inspector',
      type: 'vitrage',
      log: doctor.log,
      defer: () => {},
    },
    {
      cloud: doctor.role('cloud'),
      clock: doctor.clock,
      events: doctor.events,
      run: doctor.run,
      controller: doctor.has('controller') ? doctor.role('controller') : undefined,
    },
  ) as unknown as Inspector;
}

/** Two instances of a project of its own on one host. */
async function bootInstances(world: World): Promise<void> {
  const { doctor, ids, undo } = world;
  const controller = doctor.role('controller');
  const name = `vitrage-${Date.now().toString(36)}`;
  const owner = await controller.identity.createOwner({ project: name, user: name, password: name });
  undo.push(() => controller.identity.deleteOwner(owner));
  const network = await controller.network.createNetwork(name);
  undo.push(() => controller.network.deleteNetwork(network.id));
  const subnet = await controller.network.createSubnet(network.id, name, '10.77.0.0/24');
  undo.push(() => controller.network.deleteSubnet(subnet.id));
  const [image] = await controller.image.images();
  const flavor = (await controller.compute.flavors()).find((one) => one.name === 'm1.tiny');
  for (let index = 0; index < INSTANCES; index++) {
    const { id } = await controller.compute.createInstance({
      name: `${name}-${index}`,
      flavorId: flavor?.id ?? '',
      imageId: image?.id ?? '',
      networkIds: [network.id],
      hostname: HOST,
    });
    ids.push(id);
    undo.push(async () => {
      await controller.compute.deleteInstance(id);
      await wait(`${id} to be gone`, () =>
        controller.compute.instance(id).then(
          () => false,
          () => true,
        ),
      );
    });
  }
  await wait('the instances to be active', async () =>
    (await Promise.all(ids.map((id) => controller.compute.instance(id)))).every(
      ({ status }) => status === 'ACTIVE',
    ),
  );
}
