import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CloudSession, mapBounded } from '@nfv-doctor/core';
import { Connection } from 'rabbitmq-client';
import { Pool } from 'undici';
import type { Rig } from '../support/rig.js';

/** What the cloud itself takes, seen by a client that does nothing else, when nothing was asked of it for some seconds. */
export interface Bare {
  /** Force-down of the host, answered and so visible, ms. */
  forceDown(): Promise<number>;
  /** Every instance of the rig to error, so many calls at once, ms. */
  resets(concurrency: number): Promise<number>;
  /** One notification for each instance, published back to back, until the last webhook of Aodh, ms. */
  pipeline(): Promise<number>;
  close(): Promise<void>;
}

/** A fault finds the cloud's services idle, and slower for it than a call right after another. */
const IDLE_MS = 4_000;

const json = { 'content-type': 'application/json' };

async function novaOf(cloud: CloudSession) {
  const endpoint = await cloud.endpoint('compute');
  const pool = new Pool(endpoint.origin, { connections: 32 });
  const headers = { ...json, 'x-auth-token': await cloud.token(), 'openstack-api-version': 'compute 2.87' };
  const send = async (method: 'GET' | 'PUT' | 'POST', path: string, body?: unknown) => {
    const answer = await pool.request({
      method,
      path: `/v2.1${path}`,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} ${path} answered ${answer.statusCode}: ${text}`);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  };
  return { send, close: () => pool.close() };
}

const took = async (work: () => Promise<unknown>) => {
  const before = performance.now();
  await work();
  return performance.now() - before;
};

/** @param rig instances without any other alarms */
export async function bareClient(
  { doctor, owner, instances, hostname }: Rig,
  transportUrl: string,
): Promise<Bare> {
  const cloud = doctor.role('cloud');
  const nova = await novaOf(cloud);
  const { services } = (await nova.send('GET', `/os-services?host=${hostname}&binary=nova-compute`)) as {
    services: { id: string }[];
  };
  const service = `/os-services/${services[0]?.id}`;
  const webhooks = await listen();
  const alarms: string[] = [];
  const asOwner = cloud.as(owner.credentials);
  for (const { id } of instances) alarms.push(await createAlarm(asOwner, id, webhooks.url));
  const broker = new Connection(transportUrl.replace('rabbit:', 'amqp:'));
  const publisher = broker.createPublisher({ confirm: true });
  const reset = (state: 'error' | 'active', concurrency: number) =>
    mapBounded(instances, concurrency, ({ id }) =>
      nova.send('POST', `/servers/${id}/action`, { 'os-resetState': { state } }),
    );
  const setAlarms = () =>
    mapBounded(alarms, 4, (id) =>
      asOwner.request('alarming', { method: 'PUT', path: `/v2/alarms/${id}/state`, json: 'ok' }),
    );
  return {
    async forceDown() {
      await doctor.clock.sleep(IDLE_MS);
      const ms = await took(() => nova.send('PUT', service, { forced_down: true }));
      await nova.send('PUT', service, { forced_down: false });
      return ms;
    },
    async resets(concurrency) {
      await doctor.clock.sleep(IDLE_MS);
      const ms = await took(() => reset('error', concurrency));
      await reset('active', 4);
      await setAlarms();
      return ms;
    },
    async pipeline() {
      await doctor.clock.sleep(IDLE_MS);
      const all = webhooks.expect(instances.map(({ id }) => id));
      const before = performance.now();
      const sent = instances.map(({ id, projectId }) =>
        publisher.send(
          {
            exchange: 'nova',
            routingKey: 'notifications.info',
            contentType: 'application/json',
            contentEncoding: 'utf-8',
            durable: true,
          },
          Buffer.from(notification(id, projectId, hostname)),
        ),
      );
      await Promise.all(sent);
      const ms = (await all) - before;
      await setAlarms();
      return ms;
    },
    async close() {
      for (const id of alarms)
        await asOwner.request('alarming', { method: 'DELETE', path: `/v2/alarms/${id}` });
      await publisher.close();
      await broker.close();
      await nova.close();
      webhooks.close();
    },
  };
}

async function createAlarm(cloud: CloudSession, instanceId: string, url: string): Promise<string> {
  const condition = (field: string, value: string) => ({
    field: `traits.${field}`,
    op: 'eq',
    type: 'string',
    value,
  });
  const { body } = await cloud.request<{ alarm_id: string }>('alarming', {
    method: 'POST',
    path: '/v2/alarms',
    json: {
      name: `bare-${instanceId}`,
      type: 'event',
      repeat_actions: false,
      alarm_actions: [url],
      event_rule: {
        event_type: 'compute.instance.update',
        query: [condition('instance_id', instanceId), condition('state', 'error')],
      },
    },
  });
  return body.alarm_id;
}

/** As Nova's: only what the pipeline looks at. */
function notification(instanceId: string, projectId: string, host: string): string {
  const inner = {
    message_id: randomUUID(),
    publisher_id: 'api.bare',
    event_type: 'compute.instance.update',
    priority: 'INFO',
    payload: { instance_id: instanceId, tenant_id: projectId, host, state: 'error', old_state: 'active' },
    timestamp: new Date().toISOString().replace('T', ' ').replace('Z', '000'),
  };
  return JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': JSON.stringify(inner) });
}

const DEADLINE_MS = 30_000;

async function listen() {
  let arrived: (text: string) => void = () => {};
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += String(chunk)));
    request.on('end', () => {
      response.end();
      arrived(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    /** Resolves with the moment at which the last of the instances was told of. */
    expect: (ids: readonly string[]) =>
      new Promise<number>((resolve, reject) => {
        const waiting = new Set(ids);
        const late = setTimeout(
          () => reject(new Error(`${waiting.size} webhooks of Aodh did not come`)),
          DEADLINE_MS,
        );
        arrived = (text) => {
          for (const id of waiting) if (text.includes(id)) waiting.delete(id);
          if (waiting.size > 0) return;
          clearTimeout(late);
          resolve(performance.now());
        };
      }),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
