import { DoctorError } from '@nfv-doctor/core/plugin-api';
import { systemClock } from '@nfv-doctor/core/testing';
import test from 'ava';
import { createController } from '../../testing/controller.test.util.js';

const signal = new AbortController().signal;
const SERVICES = 'GET /compute/v2.1/os-services';
const ID = '4349305a-57f5-4c12-896b-ef59db0e0119';

test('once started, no look-up precedes force-down; both ways as recorded', async (t) => {
  const { cloud, controller, replay } = await createController(t, systemClock);
  replay('nova-os-services-2.53');
  replay('nova-hypervisors-2.53');
  await controller.start(signal);
  const { request } = replay('nova-force-down-2.53');
  const before = cloud.requests.length;
  await controller.compute.forceDown('compute-3', true);
  t.is(cloud.requests.length, before + 1);
  const sent = cloud.requests.at(-1);
  t.is(sent?.path, `/compute/v2.1/os-services/${ID}`);
  t.deepEqual(JSON.parse(sent?.body ?? ''), request.body);
  t.is(sent?.headers['openstack-api-version'], 'compute 2.87');
  await controller.compute.forceDown('compute-3', false);
  t.deepEqual(JSON.parse(cloud.requests.at(-1)?.body ?? ''), { forced_down: false });
});

test('a Nova before 2.53 is spoken to in its own way, as recorded', async (t) => {
  const { cloud, controller, replay } = await createController(t, systemClock, '2.11');
  const last = () => JSON.parse(cloud.requests.at(-1)?.body ?? '') as unknown;
  const { compute } = controller;
  for (const [name, call] of [
    ['nova-force-down-2.11', () => compute.forceDown('compute-3', true)],
    ['nova-force-up-2.11', () => compute.forceDown('compute-3', false)],
    ['nova-service-disable-2.1', () => compute.setEnabled('compute-3', false, 'maintenance')],
    ['nova-service-enable-2.1', () => compute.setEnabled('compute-3', true)],
  ] as const) {
    const { request } = replay(name);
    await call();
    t.deepEqual(last(), request.body, name);
  }
  replay('nova-os-services-2.11');
  cloud.on('GET /compute/v2.1/os-hypervisors/detail', { json: { hypervisors: [] } });
  t.like((await compute.hosts())[0], { hostname: 'compute-3', serviceId: '4' });
  t.is(cloud.requests.at(-1)?.headers['openstack-api-version'], 'compute 2.11');
});

test('enable and disable from 2.53 on, as recorded', async (t) => {
  const { cloud, controller, replay } = await createController(t, systemClock);
  replay('nova-os-services-2.53');
  const { request } = replay('nova-service-disable-2.53');
  await controller.compute.setEnabled('compute-3', false, 'maintenance');
  t.deepEqual(JSON.parse(cloud.requests.at(-1)?.body ?? ''), request.body);
  await controller.compute.setEnabled('compute-3', true, 'not sent');
  t.deepEqual(JSON.parse(cloud.requests.at(-1)?.body ?? ''), { status: 'enabled' });
});

test('a service that was made anew is found by its new id', async (t) => {
  const { cloud, controller } = await createController(t, systemClock);
  const service = { binary: 'nova-compute', host: 'c', state: 'up', status: 'enabled' };
  cloud.on(SERVICES, ({ nth }) => ({ json: { services: [{ ...service, id: nth === 0 ? 'old' : 'new' }] } }));
  cloud.on('PUT /compute/v2.1/os-services/new', { json: { service: {} } });
  cloud.on('PUT /compute/v2.1/os-services/old', ({ nth }) =>
    nth === 0
      ? { json: { service: {} } }
      : { status: 404, json: { itemNotFound: { message: 'no such service' } } },
  );
  await controller.compute.forceDown('c', true);
  await controller.compute.forceDown('c', false);
  t.is(cloud.count('PUT /compute/v2.1/os-services/new'), 1);
  t.is(cloud.count(SERVICES), 2);
});

test('a host that Nova does not know', async (t) => {
  const { controller, replay } = await createController(t, systemClock);
  replay('nova-os-services-2.53');
  const error = await t.throwsAsync(controller.compute.forceDown('nowhere', true));
  t.true(DoctorError.is(error) && error.code === 'CLOUD_NOT_FOUND');
  t.regex(error?.message ?? '', /nowhere; Nova knows: compute-3, compute-1, compute-2/);
});

test('a Nova that is too old fails the start', async (t) => {
  const { controller } = await createController(t, systemClock, '2.10');
  const error = await t.throwsAsync(controller.start(signal));
  t.true(DoctorError.is(error) && error.code === 'CLOUD_MICROVERSION');
});
