import { mapBounded, until } from '@nfv-doctor/core';
import { systemClock } from '@nfv-doctor/core/testing';
import {
  type EmbeddedInstaller,
  type EmulatorNotification,
  FenixEmulator,
} from '@nfv-doctor/plugin-embedded';
import test, { type ExecutionContext } from 'ava';
import { inTime, type RecordedNotification, type SessionRecording } from './fenix-recording.js';
import { differences, type Exchange, NameMap, recording, replay } from './recorded.js';
import { type RecordedCloud, recordedCloud } from './recorded-cloud.js';

const PROJECT = '8202ca04b1fe4cb9af491198d3aa0edb';
const DEADLINE_MS = 30_000;

interface Play {
  t: ExecutionContext;
  file: SessionRecording;
  cloud: RecordedCloud;
  fenix: FenixEmulator;
  names: NameMap;
  notifications: EmulatorNotification[];
  problems: string[];
  /** As GET showed them. */
  states: string[];
}

/** What the original app manager did beside answering: it removed two instances to scale in, and made them again. */
const SCALED = ['doctor_nonha_app_2', 'doctor_nonha_app_3'];

/** Fenix takes the hosts as its database lists them: another order in each session. */
const ORDER: Readonly<Record<string, readonly string[]>> = {
  'session-silent-planned': ['compute-2', 'compute-3', 'compute-1'],
  'session-deleted-midway': ['compute-2', 'compute-3', 'compute-1'],
};

async function begin(t: ExecutionContext, name: string): Promise<Play> {
  const file = recording<SessionRecording>(`fenix/${name}.json`);
  const placement = Object.fromEntries(file.cloud_before.servers.map((server) => [server.name, server.host]));
  const cloud = await recordedCloud({}, placement, ORDER[name]);
  const embedded = cloud.doctor.role('installer') as EmbeddedInstaller;
  const notifications: EmulatorNotification[] = [];
  const fenix = new FenixEmulator(
    {
      clock: systemClock,
      credentials: () => embedded.cloud.credentials,
      publish: (notification) => notifications.push(notification),
      log: () => {},
    },
    { look: 5, projectReply: 2_000, scaleInReply: 4_000, hostEmpty: 1_000, migration: 10_000 },
  );
  await fenix.start(0);
  t.teardown(async () => {
    await fenix.stop();
    await cloud.close();
  });
  const names = new NameMap();
  names.pair(PROJECT, cloud.owner.projectId);
  for (const { id, name: server } of file.cloud_before.servers)
    names.pair(id, cloud.instances.find((instance) => instance.name === server)?.id ?? '');
  return { t, file, cloud, fenix, names, notifications, problems: [], states: [] };
}

async function exchange(play: Play, one: Exchange): Promise<void> {
  const { cloud, fenix, names, problems } = play;
  const sender = {
    url: fenix.url,
    texts: [['http://127.0.0.1:12347', fenix.url]] as const,
    token: () => cloud.admin,
  };
  const found = await replay(one, sender, { names });
  problems.push(...found.map((problem) => `${one.name}: ${problem}`));
}

/** Compares a notification with the recorded one, and its times with the moment it was sent at. */
function compareNotification(play: Play, recorded: RecordedNotification, actual: EmulatorNotification): void {
  const { fenix, names, problems } = play;
  const { publisher_id, event_type, priority, payload } = recorded.body;
  const here = JSON.parse(
    JSON.stringify(actual.payload).replaceAll(fenix.url, 'http://127.0.0.1:12347'),
  ) as Record<string, unknown>;
  const found = differences(
    { publisher_id, event_type, priority, payload },
    {
      publisher_id: actual.publisherId,
      event_type: actual.eventType,
      priority: actual.priority,
      payload: here,
    },
    { names },
  );
  const where = `${event_type} ${String(payload['state'])}`;
  problems.push(...found.map((problem) => `${where}: ${problem}`));
  for (const field of ['reply_at', 'actions_at']) {
    const isPast = (value: unknown, at: string) =>
      typeof value === 'string' ? Date.parse(`${value.replace(' ', 'T')}Z`) < Date.parse(at) : null;
    const then = isPast(payload[field], recorded.at);
    const now = isPast(here[field], `${actual.timestamp.slice(0, 23).replace(' ', 'T')}Z`);
    if (then !== now)
      problems.push(`${where}: ${field} ${String(here[field])} is ${now ? 'past' : 'to come'}`);
  }
}

/** The project's side: what the recorded app manager did, when the notification has come that it did it on. */
async function answers(play: Play): Promise<void> {
  const { file, cloud, notifications, names } = play;
  const own = cloud.doctor.role('controller').as(cloud.owner.credentials).compute;
  const asked = () =>
    notifications.filter(
      ({ eventType, payload }) =>
        eventType === 'maintenance.scheduled' && payload['state'] !== 'INSTANCE_ACTION_DONE',
    );
  let count = 0;
  let question = '';
  for (const one of file.app_manager_api) {
    const state = one.name.split(':')[0] ?? '';
    const isNew = state !== question || one.request.method === 'GET';
    question = state;
    if (isNew) {
      // the next question of this state
      await until(() => asked().length > count && asked()[count]?.payload['state'] === state, {
        clock: systemClock,
        what: `question ${count} ${state}, after ${asked()
          .map(({ payload }) => String(payload['state']))
          .join()}`,
        timeoutMs: DEADLINE_MS,
        intervalMs: 5,
      });
      count++;
      await look(play);
    }
    if (one.name.includes('ACK_SCALE_IN')) await scaleIn(play, one);
    if (one.name.includes('ACK_MAINTENANCE_COMPLETE') && cloud.instances.length > 0)
      await mapBounded(SCALED, 1, async (name) => {
        const [pattern] = cloud.instances;
        const [network] = await cloud.doctor.role('controller').network.networks({ name: 'int_net' });
        const { id } = await own.createInstance({
          name,
          flavorId: '1',
          imageId: pattern?.imageId ?? '',
          networkIds: [network?.id ?? ''],
        });
        await until(async () => (await own.instance(id)).status === 'ACTIVE', {
          clock: systemClock,
          what: `${name} to be ACTIVE`,
          timeoutMs: 10_000,
          intervalMs: 5,
        });
        const recorded = file.cloud_at_end_of_workflow.servers.find((server) => server.name === name);
        if (recorded) names.pair(recorded.id, id);
      });
    await exchange(play, one);
  }
}

/** Deletes the instances that the recorded answer no longer has. */
async function scaleIn({ cloud, names }: Play, { request }: Exchange): Promise<void> {
  const { compute } = cloud.doctor.role('controller');
  const { instance_ids: left } = request.body as { instance_ids: string[] };
  const kept = new Set(left.map((id) => names.translate(id)));
  const { projectId } = cloud.owner;
  const gone = (await compute.instances({ projectId })).filter(({ id }) => !kept.has(id));
  await mapBounded(gone, 2, ({ id }) => compute.deleteInstance(id));
  await until(async () => (await compute.instances({ projectId })).length === kept.size, {
    clock: systemClock,
    what: 'the instances to be gone',
    timeoutMs: 10_000,
    intervalMs: 5,
  });
}

/** Looks at the session's state. */
async function look({ fenix, names, file, states }: Play): Promise<string> {
  const answer = await fetch(`${fenix.url}/v1/maintenance/${names.translate(sessionOf(file))}`);
  const { state = '' } = (await answer.json()) as { state?: string };
  if (states.at(-1) !== state) states.push(state);
  return state;
}

/** Follows the session until the last state that was recorded. */
async function watchStates(run: Play): Promise<void> {
  const last = run.file.timeline.at(-1)?.state;
  await until(async () => (await look(run)) === last, {
    clock: systemClock,
    what: `the state ${last}`,
    timeoutMs: DEADLINE_MS,
    intervalMs: 3,
  });
}

/** Notifications in order, but those of the instances of one host in any. */
function compareNotifications(run: Play): void {
  const { file, notifications } = run;
  const left = [...notifications];
  const isDone = (payload: Record<string, unknown> | undefined) =>
    payload?.['state'] === 'INSTANCE_ACTION_DONE';
  for (const one of file.notifications) {
    const group = left.findIndex(({ payload }) => !isDone(payload));
    const candidates = isDone(one.body.payload)
      ? left.slice(0, group < 0 ? left.length : group)
      : left.slice(0, 1);
    const wanted = run.names.translate(JSON.stringify(one.body.payload['instance_ids'] ?? null));
    const found =
      candidates.find(({ payload }) => JSON.stringify(payload['instance_ids'] ?? null) === wanted) ?? left[0];
    if (!found) return void run.problems.push(`no more notifications at ${JSON.stringify(one.body.payload)}`);
    left.splice(left.indexOf(found), 1);
    compareNotification(run, one, found);
  }
  run.problems.push(...left.map(({ payload }) => `too many: ${JSON.stringify(payload)}`));
}

const sessionOf = ({ admin_api }: SessionRecording) =>
  (admin_api[0]?.response.body as { session_id?: string } | undefined)?.session_id ?? '';

/** Whether `part` are elements of `whole` in the same order: a slow look misses short states. */
function inOrder(part: readonly string[], whole: readonly string[]): boolean {
  let at = 0;
  for (const each of whole) if (each === part[at]) at++;
  return at === part.length;
}

async function play(t: ExecutionContext, name: string): Promise<Play> {
  const run = await begin(t, name);
  const { file, cloud, problems, notifications } = run;
  const [create, ...others] = file.admin_api;
  await exchange(run, inTime(create as Exchange & { at: string }, 1_000));
  await Promise.all([watchStates(run), answers(run)]);
  const recorded = file.timeline.map(({ state }) => state).filter((state) => state !== 'POST');
  // both were polled: either may have missed a state that lasted for a moment; the notifications have them all
  const agree = inOrder(recorded, run.states) || inOrder(run.states, recorded);
  if (!agree || recorded.at(-1) !== run.states.at(-1))
    problems.push(`states ${run.states.join()} instead of ${recorded.join()}`);

  await until(() => notifications.length >= file.notifications.length, {
    clock: systemClock,
    what: `${file.notifications.length} notifications, there are ${notifications.length}`,
    timeoutMs: DEADLINE_MS,
    intervalMs: 5,
  });
  compareNotifications(run);
  const { compute } = cloud.doctor.role('controller');
  const services = async () =>
    (await compute.hosts()).map(({ hostname, status, disabledReason }) => [
      hostname,
      status,
      disabledReason ?? null,
    ]);
  const then = file.cloud_at_end_of_workflow.services.map((one) => [
    one.host,
    one.status,
    one.disabled_reason,
  ]);
  problems.push(...differences(then, await services(), { names: run.names }, 'services'));
  for (const one of others) if (!one.name.startsWith('get session in state')) await exchange(run, one);
  // nothing is put back by the deletion
  problems.push(...differences(then, await services(), { names: run.names }, 'services after DELETE'));
  return run;
}

for (const name of [
  'session-full',
  'session-full-with-host-alarm',
  'session-nack-maintenance',
  'session-silent-maintenance',
  'session-nack-planned',
  'session-silent-planned',
  'session-live-migrate',
  'session-partial-actions',
  'session-long-metadata',
  'session-no-actions',
  'session-deleted-midway',
])
  test(`${name}: states, notifications, answers and the cloud at the end`, async (t) => {
    const { problems } = await play(t, name);
    t.deepEqual(problems, []);
  });
