import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from '@nfv-doctor/core';
import { systemClock } from '@nfv-doctor/core/testing';
import { type EmbeddedInstaller, FenixEmulator, type FenixTimes } from '@nfv-doctor/plugin-embedded';
import test, { type ExecutionContext } from 'ava';
import { inTime } from './fenix-recording.js';
import { type Exchange, NameMap, recording, replay } from './recorded.js';
import { recordedCloud } from './recorded-cloud.js';

type Timed = Exchange & { at: string };

async function start(t: ExecutionContext, times: Partial<FenixTimes>) {
  const cloud = await recordedCloud();
  t.teardown(() => cloud.close());
  const { embedded } = { embedded: cloud.doctor.role('installer') as EmbeddedInstaller };
  const fenix = new FenixEmulator(
    {
      clock: systemClock,
      credentials: () => embedded.cloud.credentials,
      publish: () => {},
      log: () => {},
    },
    { look: 5, ...times },
  );
  return { cloud, embedded, fenix, begin: () => fenix.start(0) };
}

/** Answers of a state that comes a little later are asked for until it is there. */
async function replayAll(
  exchanges: readonly Timed[],
  { fenix, admin, member }: { fenix: FenixEmulator; admin: string; member: string },
  names: NameMap,
): Promise<string[]> {
  const tokens: Record<string, string | undefined> = {
    valid: admin,
    invalid: 'no-such-token',
    none: undefined,
  };
  const sender = {
    url: fenix.url,
    texts: [['http://127.0.0.1:12347', fenix.url]] as const,
    token: (said: string | undefined) =>
      said === undefined ? admin : said in tokens ? tokens[said] : member,
  };
  const problems: string[] = [];
  for (const [index, exchange] of exchanges.entries()) {
    let found: string[] = [];
    const once = async () => {
      const tried = names.copy();
      found = await replay(inTime(exchange), sender, { names: tried });
      if (found.length === 0) names.adopt(tried);
      return found.length === 0;
    };
    const mayWait = exchange.request.method === 'GET';
    await until(once, {
      clock: systemClock,
      what: exchange.name,
      timeoutMs: mayWait ? 5_000 : 0,
      intervalMs: 5,
    }).catch(() => problems.push(...found.map((problem) => `${index} ${exchange.name}: ${problem}`)));
  }
  return problems;
}

test('every exchange without a live session', async (t) => {
  const { cloud, embedded, fenix, begin } = await start(t, {});
  // the recording's Fenix saw no alarms of other projects: every session failed at once
  const aodh = createServer((_request, response) => response.end('[]'));
  await new Promise<void>((resolve) => aodh.listen(0, '127.0.0.1', resolve));
  embedded.cloud.registerService(
    'aodh',
    'alarming',
    `http://127.0.0.1:${(aodh.address() as AddressInfo).port}`,
  );
  await begin();
  t.teardown(async () => {
    await fenix.stop();
    aodh.closeAllConnections();
    aodh.close();
  });
  const { exchanges } = recording<{ exchanges: Timed[] }>('fenix/api-errors.json');
  t.is(exchanges.length, 35);
  t.deepEqual(await replayAll(exchanges, { fenix, ...cloud }, new NameMap()), []);
});

test('every exchange with live sessions', async (t) => {
  const { cloud, fenix, begin } = await start(t, { projectReply: 1_500 });
  await begin();
  t.teardown(() => fenix.stop());
  const { exchanges } = recording<{ exchanges: Timed[] }>('fenix/api-live.json');
  t.is(exchanges.length, 44);
  const names = new NameMap();
  names.pair('8202ca04b1fe4cb9af491198d3aa0edb', cloud.owner.projectId);
  t.deepEqual(await replayAll(exchanges, { fenix, ...cloud }, names), []);
});

test('no session with a nova-compute that is disabled', async (t) => {
  const { cloud, fenix, begin } = await start(t, {});
  await begin();
  t.teardown(() => fenix.stop());
  await cloud.doctor.role('controller').compute.setEnabled('compute-2', false, 'maintenance');
  const { exchanges } = recording<{ exchanges: Timed[] }>('fenix/create-with-disabled-service.json');
  t.deepEqual(await replayAll(exchanges, { fenix, ...cloud }, new NameMap()), []);
});
