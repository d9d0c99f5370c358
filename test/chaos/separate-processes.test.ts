import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDoctor } from '@nfv-doctor/core';
import openstack from '@nfv-doctor/plugin-openstack';
import test, { type ExecutionContext } from 'ava';
import { type DoctorProcess, startDoctor } from './process.js';
import { standIn } from './udp-stand-in.js';

const LIMIT_MS = 20_000;

/** Waits for `look` to find something. */
async function eventually<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`waited ${LIMIT_MS} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A webhook that answers 503 until it is open, and keeps what it was sent. */
async function webhook(t: ExecutionContext) {
  const received: { alarm_id: string; current: string }[] = [];
  const state = { open: true, refused: 0 };
  const server = createServer((request: IncomingMessage, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      if (state.open) received.push(JSON.parse(body) as (typeof received)[number]);
      else state.refused++;
      response.writeHead(state.open ? 200 : 503).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, received, state };
}

interface CloudSaid {
  environment: Record<string, string>;
  access: Record<string, string>;
}

/** The cloud with the bus in a process of its own, an instance in it, and a Doctor here to look at it. */
async function cloudWithInstance(t: ExecutionContext) {
  const cloud = await startDoctor(t, ['cloud', '--message-bus', '--set', 'message_bus.listen=0']);
  const { environment, access } = cloud.said as CloudSaid;
  const viewer = await createDoctor({
    roles: ['controller'],
    discover: false,
    env: {},
    plugins: [openstack],
    config: {
      log: { level: 'silent' },
      cloud: {
        auth_url: environment['OS_AUTH_URL'],
        username: environment['OS_USERNAME'],
        password: environment['OS_PASSWORD'],
        user_domain_name: environment['OS_USER_DOMAIN_NAME'],
        project_name: environment['OS_PROJECT_NAME'],
        project_domain_name: environment['OS_PROJECT_DOMAIN_NAME'],
        region_name: environment['OS_REGION_NAME'],
      },
    },
  });
  await viewer.start(new AbortController().signal);
  t.teardown(() => viewer.stop());
  const controller = viewer.role('controller');
  const flavor = await controller.compute.createFlavor({ name: 'small', vcpus: 1, memoryMb: 64, diskGb: 1 });
  const data = new Uint8Array(16);
  const image = await controller.image.createImage({ name: 'image', diskFormat: 'raw', data, public: true });
  const network = await controller.network.createNetwork('net');
  await controller.network.createSubnet(network.id, 'subnet', '10.9.0.0/24');
  const { id } = await controller.compute.createInstance({
    name: 'vm',
    flavorId: flavor.id,
    imageId: image.id,
    networkIds: [network.id],
  });
  const hostname = await eventually('the instance to be active', async () => {
    const instance = await controller.compute.instance(id);
    return instance.status === 'ACTIVE' ? (instance.hostname ?? undefined) : undefined;
  });
  const shared = {
    ...environment,
    DOCTOR_INSTALLER_TYPE: 'local',
    DOCTOR_MESSAGE_BUS_CONNECT: access['message_bus'] ?? '',
    DOCTOR_LOG_LEVEL: 'silent',
  };
  return { controller, id, hostname, shared };
}

const notifier = (t: ExecutionContext, folder: string, env: Record<string, string>): Promise<DoctorProcess> =>
  startDoctor(t, ['run', 'notifier', '--set', `store.folder=${folder}`], env);

test('each role in a process of its own; the notifier is killed with kill -9 and loses nothing', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-processes-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const { controller, id, hostname, shared } = await cloudWithInstance(t);
  const host = await standIn(t);
  const owner = await webhook(t);
  const inspector = await startDoctor(t, ['run', 'inspector'], shared);
  await startDoctor(t, ['run', 'monitor'], {
    ...shared,
    DOCTOR_INSPECTOR_REMOTE_URL: inspector.endpoint('inspector'),
    DOCTOR_MONITOR_PROBE: 'udp',
    DOCTOR_MONITOR_HOSTS: JSON.stringify({ [hostname]: host.address }),
  });
  const first = await notifier(t, folder, shared);
  const created = await fetch(new URL('/v2/alarms', first.endpoint('notifier')), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'vm in error',
      type: 'event',
      event_rule: {
        event_type: 'compute.instance.update',
        query: [
          { field: 'traits.instance_id', type: 'string', op: 'eq', value: id },
          { field: 'traits.state', type: 'string', op: 'eq', value: 'error' },
        ],
      },
      alarm_actions: [owner.url],
    }),
  });
  t.is(created.status, 201, await created.clone().text());
  const { alarm_id } = (await created.json()) as { alarm_id: string };

  owner.state.open = false;
  host.silence();
  await eventually('the first attempt to notify', () => (owner.state.refused > 0 ? true : undefined));
  // what is committed survives; until then the bus would have to bring it again, and this one forgets at once
  await eventually('the notification to be stored', async () => {
    const answer = await fetch(new URL('/v1/notifications', first.endpoint('notifier')));
    const { notifications } = (await answer.json()) as { notifications: unknown[] };
    return notifications.length > 0 ? true : undefined;
  });
  await first.kill('SIGKILL');
  t.is(owner.received.length, 0);
  owner.state.open = true;
  const second = await notifier(t, folder, shared);
  const alarm = await eventually('the undelivered notification', () => owner.received[0]);
  t.like(alarm, { alarm_id, current: 'alarm' });
  const alarms = (await (
    await fetch(new URL('/v2/alarms', second.endpoint('notifier')))
  ).json()) as unknown[];
  t.is(alarms.length, 1);
  await eventually('the instance in error', async () =>
    (await controller.compute.instance(id)).status === 'ERROR' ? true : undefined,
  );
  host.answer();
  await eventually('the instance to be active again', async () =>
    (await controller.compute.instance(id)).status === 'ACTIVE' ? true : undefined,
  );
});
