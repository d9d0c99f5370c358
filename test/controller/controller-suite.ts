import { randomUUID } from 'node:crypto';
import type { Doctor } from '@nfv-doctor/core';
import {
  type Controller,
  DoctorError,
  type Instance,
  type Port,
  type ProjectOwner,
} from '@nfv-doctor/core/plugin-api';
import type { TestFn } from 'ava';
import { eventually, timed } from './timing.js';

/**
 * What the OpenStack controller does on a whole cloud, in one file's order: on the embedded cloud and on a real one alike.
 * @param start a Doctor with the role `controller`, as an administrator
 */
export function controllerSuite(test: TestFn, start: () => Promise<Doctor>): void {
  const name = `controller-${randomUUID().slice(0, 8)}`;
  let doctor: Doctor;
  let admin: Controller;
  let owner: ProjectOwner;
  let project: Controller;
  let instance: Instance;
  let port: Port;
  const undo: (() => Promise<unknown>)[] = [];

  test.before(async () => {
    doctor = await start();
    admin = doctor.role('controller');
  });

  test.after.always('everything made is taken away', async () => {
    const failures: unknown[] = [];
    for (const step of undo.toReversed()) await step().catch((error: unknown) => failures.push(error));
    await doctor?.stop();
    if (failures.length > 0) throw failures[0];
  });

  const host = async (hostname: string) => {
    const found = (await admin.compute.hosts()).find((each) => each.hostname === hostname);
    if (!found) throw new Error(`${hostname} is gone`);
    return found;
  };
  const hostnameOf = async () => (await admin.compute.instance(instance.id)).hostname ?? '';
  const becomes = (status: string) =>
    eventually(`${name} to be ${status}`, async () => {
      const { status: now, taskState, fault } = await admin.compute.instance(instance.id);
      if (now === 'ERROR' && status !== 'ERROR') throw new Error(`${name} is in error: ${fault}`);
      return now === status && !taskState;
    });

  test.serial('hosts come with their services and what they have', async (t) => {
    const hosts = await timed(t, 'hosts', () => admin.compute.hosts());
    t.true(hosts.filter(({ status }) => status === 'enabled').length >= 3);
    for (const each of hosts) {
      t.like(each, { forcedDown: false, zone: 'nova' });
      t.regex(each.serviceId, /^[0-9a-f-]{36}$/);
      t.true((each.vcpus ?? 0) > 0);
      t.is(typeof each.vcpusUsed, 'number');
    }
  });

  test.serial('an owner with a network, an instance and a floating IP', async (t) => {
    const password = randomUUID();
    owner = await timed(t, 'owner', () =>
      admin.identity.createOwner({ project: name, user: name, password }),
    );
    undo.push(() => admin.identity.deleteOwner(owner));
    t.true((await admin.identity.projects()).some(({ id }) => id === owner.projectId));
    project = admin.as(owner.credentials);

    const network = await timed(t, 'network', () => project.network.createNetwork(name));
    undo.push(() => project.network.deleteNetwork(network.id));
    const subnet = await project.network.createSubnet(network.id, name, '10.77.0.0/24');
    t.is(subnet.cidr, '10.77.0.0/24');
    const [external] = await project.network.networks({ external: true });
    const router = await project.network.createRouter(name, external?.id);
    undo.push(() => project.network.deleteRouter(router.id));
    await project.network.addRouterInterface(router.id, subnet.id);
    undo.push(() => project.network.removeRouterInterface(router.id, subnet.id));

    const [image] = await project.image.images({ name: 'cirros' });
    const flavor = (await project.compute.flavors()).find((each) => each.name === 'm1.tiny');
    const group = await project.compute.createServerGroup(name, 'anti-affinity');
    undo.push(() => project.compute.deleteServerGroup(group.id));
    t.is(group.policy, 'anti-affinity');
    instance = await timed(t, 'create accepted', () =>
      project.compute.createInstance({
        name,
        flavorId: flavor?.id ?? '',
        imageId: image?.id ?? '',
        networkIds: [network.id],
        serverGroupId: group.id,
        metadata: { purpose: 'test' },
      }),
    );
    undo.push(async () => {
      await project.compute.deleteInstance(instance.id);
      await eventually(
        'the instance to be gone',
        async () => (await admin.compute.instances({ projectId: owner.projectId })).length === 0,
      );
    });
    await timed(t, 'active', () => becomes('ACTIVE'));
    t.deepEqual((await project.compute.serverGroups())[0]?.members, [instance.id]);

    const [found] = await project.network.ports(instance.id);
    if (!found) return t.fail('the instance has no port');
    port = found;
    const floating = await timed(t, 'floating IP', () =>
      project.network.createFloatingIp(external?.id ?? '', port.id),
    );
    undo.push(() => project.network.deleteFloatingIp(floating.id));
    t.is(floating.fixedAddress, port.addresses[0] ?? '');
    t.is((await project.network.moveFloatingIp(floating.id, null)).portId, null);
    t.is((await project.network.moveFloatingIp(floating.id, port.id)).portId, port.id);
    t.is((await project.network.floatingIps()).length, 1);
  });

  test.serial('lists by host over all projects; an owner sees the own ones', async (t) => {
    const hostname = await hostnameOf();
    const all = await timed(t, 'instances by host', () => admin.compute.instances({ hostname }));
    const found = all.find(({ id }) => id === instance.id);
    t.like(found, {
      hostname,
      projectId: owner.projectId,
      status: 'ACTIVE',
      flavor: 'm1.tiny',
      vcpus: 1,
      metadata: { purpose: 'test' },
    });
    t.deepEqual(
      (await admin.compute.instances({ name })).map(({ id }) => id),
      [instance.id],
    );
    t.deepEqual(await admin.compute.instances({ name: name.slice(0, -1) }), []);
    t.deepEqual(
      (await project.compute.instances()).map(({ id }) => id),
      [instance.id],
    );
  });

  test.serial('force-down is seen by the owner, and taken back', async (t) => {
    const hostname = await hostnameOf();
    undo.push(() => admin.compute.forceDown(hostname, false));
    for (let round = 0; round < 3; round++) {
      await timed(t, 'force-down', () => admin.compute.forceDown(hostname, true));
      t.like(await host(hostname), { forcedDown: true, state: 'down' });
      t.is((await project.compute.instance(instance.id)).hostStatus, 'DOWN');
      await timed(t, 'force-up', () => admin.compute.forceDown(hostname, false));
      t.like(await host(hostname), { forcedDown: false });
    }
    const error = await t.throwsAsync(admin.compute.forceDown('no-such-host', true));
    t.regex(
      error?.message ?? '',
      /no nova-compute runs on a host called no-such-host; Nova knows: .*compute-1/,
    );
  });

  test.serial('reset-state sets error and active', async (t) => {
    for (let round = 0; round < 3; round++) {
      await timed(t, 'reset-state error', () => admin.compute.resetState(instance.id, 'error'));
      t.is((await project.compute.instance(instance.id)).status, 'ERROR');
      await timed(t, 'reset-state active', () => admin.compute.resetState(instance.id, 'active'));
      t.is((await project.compute.instance(instance.id)).status, 'ACTIVE');
    }
    const error = await t.throwsAsync(project.compute.resetState(instance.id, 'error'));
    t.true(DoctorError.is(error) && error.code === 'CLOUD_FORBIDDEN');
  });

  test.serial('the scheduler is told with a reason, and back', async (t) => {
    const hostname = await hostnameOf();
    undo.push(() => admin.compute.setEnabled(hostname, true));
    await timed(t, 'disable', () => admin.compute.setEnabled(hostname, false, 'maintenance of a test'));
    t.like(await host(hostname), { status: 'disabled', disabledReason: 'maintenance of a test' });
    await timed(t, 'enable', () => admin.compute.setEnabled(hostname, true));
    t.is((await host(hostname)).disabledReason, undefined);
  });

  test.serial("a port's data plane is set down and back", async (t) => {
    for (const status of ['DOWN', 'ACTIVE', null] as const) {
      await timed(t, `data plane ${status}`, () => admin.network.setDataPlaneStatus(port.id, status));
      const now = (await project.network.ports(instance.id))[0]?.dataPlaneStatus;
      // not every Neutron can take it back to null
      t.true(status === null ? now !== 'DOWN' : now === status, `it is ${now}`);
    }
  });

  test.serial('cold migration is confirmed on another host, live migration moves too', async (t) => {
    const first = await hostnameOf();
    await timed(t, 'cold migration', async () => {
      await admin.compute.migrate(instance.id);
      await becomes('VERIFY_RESIZE');
    });
    const second = await hostnameOf();
    t.not(second, first);
    await timed(t, 'confirmation', async () => {
      await admin.compute.confirmMigration(instance.id);
      await becomes('ACTIVE');
    });
    await timed(t, 'live migration', async () => {
      await admin.compute.liveMigrate(instance.id);
      await eventually('the instance to have moved', async () => (await hostnameOf()) !== second);
      await becomes('ACTIVE');
    });
  });

  test.serial('flavors, quotas and images come and go', async (t) => {
    const flavor = await admin.compute.createFlavor({ name, vcpus: 2, memoryMb: 256, diskGb: 1 });
    undo.push(() => admin.compute.deleteFlavor(flavor.id));
    t.deepEqual(
      (await admin.compute.flavors()).find(({ id }) => id === flavor.id),
      flavor,
    );
    await admin.compute.setQuota(owner.projectId, { cores: 7 });
    t.is((await admin.compute.quota(owner.projectId)).cores, 7);
    const data = new TextEncoder().encode('not a disk');
    const image = await timed(t, 'image', () => admin.image.createImage({ name, diskFormat: 'raw', data }));
    undo.push(() => admin.image.deleteImage(image.id));
    t.like((await admin.image.images({ name }))[0], { id: image.id, status: 'active' });
  });

  test.serial('what is not there: found so, and deleted without complaint', async (t) => {
    const nobody = randomUUID();
    const error = await t.throwsAsync(admin.compute.instance(nobody));
    t.true(DoctorError.is(error) && error.code === 'CLOUD_NOT_FOUND');
    await t.notThrowsAsync(admin.compute.deleteInstance(nobody));
    await t.notThrowsAsync(admin.compute.deleteFlavor(nobody));
    await t.notThrowsAsync(admin.compute.deleteServerGroup(nobody));
    await t.notThrowsAsync(admin.network.deleteNetwork(nobody));
    await t.notThrowsAsync(admin.network.deleteFloatingIp(nobody));
    await t.notThrowsAsync(admin.image.deleteImage(nobody));
    await t.notThrowsAsync(admin.identity.deleteOwner({ ...owner, userId: nobody, projectId: nobody }));
  });
}
