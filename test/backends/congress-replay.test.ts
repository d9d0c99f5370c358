import test, { type ExecutionContext } from 'ava';
import { systemClock } from '@nfv-doctor/core/testing';
import { CongressEmulator } from '@nfv-doctor/plugin-embedded';
import { type Exchange, NameMap, recording, replay } from './recorded.js';
import { type RecordedCloud, recordedCloud } from './recorded-cloud.js';

interface File {
  exchanges: Exchange[];
}

/** Counters and moments of polls differ by nature. */
const DIFFERS = [/number_of_updates$/, /last_updated$/];
/** The emulator has the drivers and actions that concern Doctor only. */
const PARTIAL: Readonly<Record<string, RegExp[]>> = {
  'list drivers': [/^results$/],
  'GET /v1/system/drivers': [/^results$/],
  'nova actions': [/^results$/],
};

/** Replays in order; the emulator's polls and actions are over before each look. */
async function replayAll(
  exchanges: readonly Exchange[],
  { cloud, congress }: { cloud: RecordedCloud; congress: CongressEmulator },
  after: (exchange: Exchange, names: NameMap) => Promise<void> = async () => {},
  names = new NameMap(),
): Promise<string[]> {
  const sender = senderOf(cloud, congress);
  const problems: string[] = [];
  for (const [index, exchange] of exchanges.entries()) {
    await congress.settled();
    const partial = PARTIAL[exchange.name] ?? [];
    const found = await replay(exchange, sender, { names, differs: DIFFERS, partial });
    problems.push(...found.map((problem) => `${index} ${exchange.name}: ${problem}`));
    await after(exchange, names);
  }
  await congress.settled();
  return problems;
}

type Source = (cloud: RecordedCloud) => Record<string, unknown>;

async function start(t: ExecutionContext, sources: readonly Source[]) {
  const cloud = await recordedCloud();
  const { keystoneUrl, password } = cloud;
  const logged: string[] = [];
  const congress = new CongressEmulator(
    {
      clock: systemClock,
      credentials: () => ({
        authUrl: keystoneUrl,
        username: 'admin',
        password,
        userDomainName: 'Default',
        projectName: 'admin',
        projectDomainName: 'Default',
      }),
      publish: () => {},
      log: (event, detail) => logged.push(`${event} ${JSON.stringify(detail)}`),
    },
    { dataSources: sources.map((make) => make(cloud)), rpcTimeoutMs: 20 },
  );
  await congress.start(0);
  t.teardown(async () => {
    await congress.stop();
    await cloud.close();
  });
  return { cloud, congress, logged };
}

function senderOf(cloud: RecordedCloud, congress: CongressEmulator) {
  const tokens: Record<string, string | undefined> = {
    valid: cloud.admin,
    invalid: 'no-such-token',
    none: undefined,
    'of a plain member': cloud.member,
  };
  return {
    url: congress.url,
    texts: [
      ['http://127.0.0.1:1789', congress.url],
      ['http://127.0.0.1:5000/v3', cloud.keystoneUrl],
      ['<password>', cloud.password],
      // where conductor and scheduler run
      ['"vm"', '"controller"'],
    ] as const,
    token: (said: string | undefined) => (said === undefined ? cloud.admin : tokens[said]),
  };
}

const nova =
  (more: Record<string, unknown> = {}) =>
  (cloud: RecordedCloud) => ({
    name: 'nova',
    driver: 'nova',
    config: {
      username: 'admin',
      password: cloud.password,
      auth_url: cloud.keystoneUrl,
      tenant_name: 'admin',
      ...more,
    },
  });
const doctor = () => ({ name: 'doctor', driver: 'doctor' });

const rules = () =>
  recording<File>('congress/doctor-flow.json').exchanges.filter(
    ({ request }) => request.method === 'POST' && request.path.endsWith('/rules'),
  );

/** The four rules of Doctor, as its recorded inspector sends them. */
async function addRules(cloud: RecordedCloud, congress: CongressEmulator): Promise<string[]> {
  return replayAll(rules(), { cloud, congress });
}

const forcedDown = async ({ doctor: { role: of } }: RecordedCloud, hostname: string) =>
  (await of('controller').compute.hosts()).find((host) => host.hostname === hostname)?.forcedDown;
const statuses = async (cloud: RecordedCloud, hostname: string) =>
  (await cloud.doctor.role('controller').compute.instances({ hostname })).map(({ status }) => status);

test('every exchange with a real Congress from an empty one on', async (t) => {
  const { cloud, congress, logged } = await start(t, []);
  const { exchanges } = recording<File>('congress/api-keystone.json');
  const problems = await replayAll(exchanges, { cloud, congress }, async ({ name, response }, names) => {
    if (name !== 'create another rule under the same name') return;
    // the recording goes on without it, its deletion was not recorded
    const { id } = response.body as { id: string };
    const path = names.translate(`/v1/policies/classification/rules/${id}`);
    await fetch(congress.url + path, { method: 'DELETE', headers: { 'X-Auth-Token': cloud.admin } });
  });
  t.deepEqual(problems, [], logged.join('\n'));
  t.is(exchanges.length, 126);
});

test("the original inspector's whole run", async (t) => {
  const { cloud, congress } = await start(t, [nova()]);
  t.deepEqual(
    await replayAll(recording<File>('congress/doctor-flow.json').exchanges, { cloud, congress }),
    [],
  );
  t.true(await forcedDown(cloud, 'compute-3'));
  t.deepEqual(await statuses(cloud, 'compute-3'), ['ERROR', 'ERROR']);
  t.deepEqual(await statuses(cloud, 'compute-1'), ['ACTIVE', 'ACTIVE']);
});

test('odds and ends: members, slashes, actions', async (t) => {
  const { cloud, congress } = await start(t, [nova(), doctor]);
  t.deepEqual(await addRules(cloud, congress), []);
  const { exchanges } = recording<File>('congress/odds.json');
  // from here on the recording's data source is another one
  const other = exchanges.findIndex(({ request }) => request.path === '/v1/data-sources/nova');
  t.deepEqual(await replayAll(exchanges.slice(0, other), { cloud, congress }), []);
  t.true(await forcedDown(cloud, 'compute-3'));
  t.deepEqual(await replayAll(exchanges.slice(other), { cloud, congress }), []);
});

test('with api_version 2.87 the host is not forced down, and nothing says so', async (t) => {
  const { cloud, congress, logged } = await start(t, [doctor, nova({ api_version: '2.87' })]);
  t.deepEqual(await addRules(cloud, congress), []);
  const { exchanges } = recording<File>('congress/nova-datasource-api-2.87.json');
  t.deepEqual(await replayAll(exchanges, { cloud, congress }), []);
  t.false(await forcedDown(cloud, 'compute-3'));
  t.deepEqual(await statuses(cloud, 'compute-3'), ['ERROR', 'ERROR']);
  t.true(logged.some((line) => line.includes('positional arguments')));
});

test('effects: a repeated event does nothing, an up event undoes nothing', async (t) => {
  const { cloud, congress } = await start(t, [nova({ poll_time: 1000 }), doctor]);
  t.deepEqual(await addRules(cloud, congress), []);
  const names = new NameMap();
  for (const [name, recorded] of [
    ['doctor', 'c0ba5b9a-660b-41da-bade-37e744e18479'],
    ['nova', '4dd6b281-7d16-42a2-84e2-befc81dda7d4'],
  ] as const)
    names.pair(recorded, await idOf(cloud, congress, name));
  const file = recording<Record<string, Exchange[]>>('congress/effect.json');
  const play = (list: Exchange[] | undefined) => replayAll(list ?? [], { cloud, congress }, undefined, names);
  t.deepEqual(await play(file['exchanges_of_run_1']), []);
  t.true(await forcedDown(cloud, 'compute-3'), 'after the up event');
  t.deepEqual(await statuses(cloud, 'compute-3'), ['ERROR', 'ERROR']);

  const { compute } = cloud.doctor.role('controller');
  const stale = file['exchanges_stale'] ?? [];
  const byHand = async () => {
    await compute.forceDown('compute-3', false);
    for (const { id } of await compute.instances({ hostname: 'compute-3' }))
      await compute.resetState(id, 'active');
  };
  const poll = async () => {
    await fetch(`${congress.url}/v1/data-sources/nova?action=request-refresh`, {
      method: 'POST',
      headers: { 'X-Auth-Token': cloud.admin, 'Content-Type': 'application/json' },
      body: '{}',
    });
    await congress.settled();
  };
  const [staleView, , , , first, second, clear, again] = stale.map((exchange) => [exchange]);
  await poll();
  await byHand();
  t.deepEqual(await play(staleView), []);
  t.true(await forcedDown(cloud, 'compute-3'));
  t.deepEqual(await statuses(cloud, 'compute-3'), ['ACTIVE', 'ACTIVE'], 'Congress saw them in error');
  await poll();
  t.deepEqual(await statuses(cloud, 'compute-3'), ['ERROR', 'ERROR'], 'the row lasts');
  await compute.forceDown('compute-3', false);
  t.deepEqual(await play(clear), []);
  t.deepEqual(await play(first), []);
  t.true(await forcedDown(cloud, 'compute-3'));
  await compute.forceDown('compute-3', false);
  t.deepEqual(await play(second), []);
  t.false(await forcedDown(cloud, 'compute-3'), 'the row of the first event is still there');
  t.deepEqual(await play(clear), []);
  t.deepEqual(await play(again), []);
  t.true(await forcedDown(cloud, 'compute-3'));
});

async function idOf(cloud: RecordedCloud, congress: CongressEmulator, name: string): Promise<string> {
  const answer = await fetch(`${congress.url}/v1/data-sources/${name}`, {
    headers: { 'X-Auth-Token': cloud.admin },
  });
  return ((await answer.json()) as { id: string }).id;
}
