import { systemClock } from '@nfv-doctor/core/testing';
import test from 'ava';
import { createController } from '../testing/controller.test.util.js';

test('a data plane status that Neutron cannot take back becomes ACTIVE', async (t) => {
  const { cloud, controller } = await createController(t, systemClock);
  const seen: unknown[] = [];
  cloud.on('PUT /network/v2.0/ports/p', ({ body }) => {
    seen.push(JSON.parse(body));
    return body.includes('null')
      ? { status: 500, json: { NeutronError: { message: 'internal server error' } } }
      : { json: { port: {} } };
  });
  await controller.network.setDataPlaneStatus('p', null);
  t.deepEqual(seen, [{ port: { data_plane_status: null } }, { port: { data_plane_status: 'ACTIVE' } }]);
});

test('deleting what is not there is no error; what is in use is', async (t) => {
  const { cloud, controller } = await createController(t, systemClock);
  for (const work of [
    controller.network.deleteNetwork('n'),
    controller.network.deleteRouter('r'),
    controller.network.deleteFloatingIp('f'),
    controller.network.removeRouterInterface('r', 's'),
    controller.compute.deleteInstance('i'),
  ])
    await t.notThrowsAsync(work);
  cloud.on('DELETE /network/v2.0/networks/n', {
    status: 409,
    json: { NeutronError: { type: 'NetworkInUse', message: 'Unable to complete operation on network n.' } },
  });
  await t.throwsAsync(controller.network.deleteNetwork('n'), {
    message: /answered 409: Unable to complete operation on network n\./,
  });
});

const network = (id: string) => ({ id, name: id, 'router:external': true });

test('filters and pages', async (t) => {
  const { cloud, controller } = await createController(t, systemClock);
  cloud.on('GET /network/v2.0/networks', ({ path }) =>
    path.includes('marker=b')
      ? { json: { networks: [network('c')] } }
      : { json: { networks: [network('a'), network('b')], networks_links: [{ rel: 'next', href: 'x' }] } },
  );
  const networks = await controller.network.networks({ external: true });
  t.deepEqual(
    networks.map(({ id }) => id),
    ['a', 'b', 'c'],
  );
  t.regex(cloud.requests.at(-1)?.path ?? '', /router%3Aexternal=true&limit=1000&marker=b/);
});

test('an image whose data did not arrive is deleted', async (t) => {
  const { cloud, controller } = await createController(t, systemClock);
  cloud.on('POST /image/v2/images', { status: 201, json: { id: 'i', name: 'x', status: 'queued' } });
  cloud.on('PUT /image/v2/images/i/file', { status: 413, text: 'too large' });
  cloud.on('DELETE /image/v2/images/i', { status: 204 });
  const data = new Uint8Array([1, 2, 3]);
  await t.throwsAsync(controller.image.createImage({ name: 'x', diskFormat: 'raw', data }), {
    message: /413: too large/,
  });
  t.is(cloud.count('DELETE /image/v2/images/i'), 1);
  t.is(cloud.count('PUT /image/v2/images/i/file'), 1);
});
