import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@nfv-doctor/core/testing';
import { AodhEmulator, type BusSubscription } from '@nfv-doctor/plugin-embedded';
import test, { type ExecutionContext } from 'ava';
import { recording } from './recorded.js';
import { recordedCloud } from './recorded-cloud.js';

interface Recorded {
  request: { method: string; url: string; body: unknown };
  response: { status: number; headers: Record<string, string>; body: unknown };
}
interface AlarmBody {
  alarm_id: string;
  reason_data: { event: { message_signature: string; traits: [string, number, unknown][] } };
}
type Notification = Parameters<Parameters<BusSubscription>[0]>[0];
type Json = Record<string, unknown>;

const fixture = <T = Recorded>(name: string) => recording<T>(`openstack/${name}.json`);
/** The project and the user of the recordings. */
const PROJECT = 'd6f64cc11a2a4ce9a945f4f759a18357';
const USER = 'af44b49bcbc74494aceb0cb48480ece3';
const TIMES = ['timestamp', 'state_timestamp', 'evaluate_timestamp'];

async function start(t: ExecutionContext) {
  const cloud = await recordedCloud();
  let tell: (notification: Notification) => void = () => {};
  let isEnded = false;
  const aodh = new AodhEmulator(
    {
      clock: systemClock,
      credentials: () => ({
        authUrl: cloud.keystoneUrl,
        username: 'admin',
        password: cloud.password,
        userDomainName: 'Default',
        projectName: 'admin',
        projectDomainName: 'Default',
      }),
      publish: () => {},
      log: () => {},
    },
    async (listener) => {
      tell = listener;
      return async () => {
        isEnded = true;
      };
    },
  );
  await aodh.start(0);
  const received: AlarmBody[] = [];
  let arrived = () => {};
  const consumer = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push(JSON.parse(Buffer.concat(chunks).toString()) as AlarmBody);
      response.end();
      arrived();
    });
  });
  await new Promise<void>((resolve) => consumer.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(consumer.address() as AddressInfo).port}/failure`;
  t.teardown(async () => {
    await aodh.stop();
    if (!isEnded) throw new Error('Aodh still listens to the bus');
    consumer.closeAllConnections();
    consumer.close();
    await cloud.close();
  });
  return {
    url,
    received,
    tell: (notification: Notification) => tell(notification),
    next: () => new Promise<void>((resolve) => (arrived = resolve)),
    owner: cloud.owner,
    async send(method: string, path: string, body?: unknown, token = cloud.member) {
      const response = await fetch(aodh.url + path, {
        method,
        headers: { 'X-Auth-Token': token, 'Content-Type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: text === '' ? undefined : (JSON.parse(text) as unknown),
      };
    },
    admin: cloud.admin,
  };
}

/** The recorded value with this run's names; times only have to be times. */
function comparable(value: unknown, names: Readonly<Record<string, string>>): unknown {
  let text = JSON.stringify(value);
  for (const [recorded, actual] of Object.entries(names)) text = text.replaceAll(recorded, actual);
  return JSON.parse(text, (key, each: unknown) => (TIMES.includes(key) ? typeof each : each)) as unknown;
}

/** The notification of a recorded message on RabbitMQ, of another project. */
function notificationOf(name: string, projectId: string): Notification {
  const { body } = fixture<{ body: string }>(name);
  const message = JSON.parse((JSON.parse(body) as { 'oslo.message': string })['oslo.message']) as Json;
  return {
    messageId: message['message_id'] as string,
    publisherId: message['publisher_id'] as string,
    eventType: message['event_type'] as string,
    payload: comparable(message['payload'], { [PROJECT]: projectId }) as Json,
    timestamp: `${String(message['timestamp']).replace(' ', 'T')}Z`,
  };
}

test('an alarm is made, fires, and is shown as the recorded Aodh has it', async (t) => {
  const { send, url, tell, received, next, owner } = await start(t);
  const create = fixture('aodh-alarm-create');
  const names: Record<string, string> = {
    [PROJECT]: owner.projectId,
    [USER]: owner.userId,
    'http://127.0.0.1:12346/failure': url,
  };
  const made = await send('POST', '/v2/alarms', comparable(create.request.body, names));
  const recordedId = (create.response.body as { alarm_id: string }).alarm_id;
  const { alarm_id: id } = made.body as { alarm_id: string };
  names[recordedId] = id;
  t.is(made.status, create.response.status);
  t.deepEqual(comparable(made.body, {}), comparable(create.response.body, names));
  t.true(made.headers.get('location')?.endsWith(`/v2/alarms/${id}`));

  const isHere = next();
  const event = notificationOf('amqp-compute-instance-update-messagingv2', owner.projectId);
  tell({ ...event, payload: { ...event.payload, state: 'active' } });
  tell({ ...event, payload: { ...event.payload, tenant_id: 'another' } });
  tell(event);
  await isHere;
  const recorded = fixture<{ body: AlarmBody }>('aodh-alarm-compute-instance-update').body;
  // signed by Ceilometer, and from the message's context, which Doctor does not carry
  recorded.reason_data.event.message_signature = '';
  recorded.reason_data.event.traits = recorded.reason_data.event.traits.filter(
    ([name]) => name !== 'request_id',
  );
  const { user_id: userId } = event.payload;
  t.deepEqual(received, [comparable(recorded, { ...names, [USER]: String(userId) })] as never);

  const fired = fixture('aodh-alarm-get-fired');
  const shown = await send('GET', `/v2/alarms/${id}`);
  t.deepEqual(comparable(shown.body, {}), comparable(fired.response.body, names));
  // without repeat_actions it does not fire again before it is set to another state
  tell(event);
  const put = fixture('aodh-alarm-state-put');
  const set = await send('PUT', `/v2/alarms/${id}/state`, put.request.body);
  t.deepEqual([set.status, set.body], [put.response.status, put.response.body]);
  const isHereAgain = next();
  tell(event);
  await isHereAgain;
  t.is(received.length, 2);
  t.is((await send('DELETE', `/v2/alarms/${id}`)).status, 204);
  t.is((await send('GET', `/v2/alarms/${id}`)).status, 404);
});

test('a maintenance message has the traits of the recorded alarm', async (t) => {
  const { send, url, tell, received, next, owner } = await start(t);
  await send('POST', '/v2/alarms', {
    name: 'maintenance',
    type: 'event',
    repeat_actions: true,
    alarm_actions: [url],
    event_rule: { event_type: 'maintenance.scheduled' },
  });
  const isHere = next();
  tell(notificationOf('amqp-maintenance-scheduled-messagingv2', owner.projectId));
  await isHere;
  const { body } = fixture<{ body: AlarmBody }>('aodh-alarm-maintenance-scheduled');
  const recorded = comparable(body.reason_data.event.traits, { [PROJECT]: owner.projectId });
  t.deepEqual(received[0]?.reason_data.event.traits, recorded as never);
});

test('who may see what: the project its own, an administrator all, a stranger nothing', async (t) => {
  const { send, url, admin } = await start(t);
  const { body } = await send('POST', '/v2/alarms', {
    name: 'mine',
    type: 'event',
    alarm_actions: [url],
    event_rule: {},
  });
  const { alarm_id: id } = body as { alarm_id: string };
  t.is(((await send('GET', '/v2/alarms')).body as unknown[]).length, 1);
  t.is(((await send('GET', '/v2/alarms', undefined, admin)).body as unknown[]).length, 0);
  const all = await send('GET', '/v2/alarms?q.field=all_projects&q.op=eq&q.value=true', undefined, admin);
  t.is((all.body as unknown[]).length, 1);
  t.is((await send('GET', `/v2/alarms/${id}`, undefined, 'no-token')).status, 401);
  t.like(await send('POST', '/v2/alarms', { name: 'x' }), { status: 400 });
  t.like(await send('PUT', `/v2/alarms/${id}/state`, 'burning'), { status: 400 });
});
