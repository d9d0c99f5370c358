import { createVirtualClock } from '@nfv-doctor/core/testing';
import test from 'ava';
import { startTestBed } from '../cloud.test.helper.js';

test('100 hosts × 10 instances: hours of migrations take seconds on a virtual clock', async (t) => {
  const clock = createVirtualClock();
  const bed = await startTestBed(t, {
    clock,
    hosts: { count: 100, vcpus: 11 },
    quota: { instances: -1, cores: -1, ram: -1 },
    bootMs: 30_000,
    migrationMs: 3_600_000,
    tokenLifetimeMs: 30 * 24 * 3_600_000,
  });
  const { admin, member, imageId, networkId } = bed;
  const started = performance.now();
  const server = {
    name: 'vm',
    flavorRef: '1',
    imageRef: imageId,
    networks: [{ uuid: networkId }],
    min_count: 1000,
  };
  t.is((await member.nova('POST', '/servers', { server })).status, 202);
  t.is((await member.nova('GET', '/servers/detail?status=ACTIVE')).body.servers.length, 0);
  await clock.advance(30_000);
  const { servers } = (await admin.nova('GET', '/servers/detail?all_tenants=1')).body;
  const hosts = new Map<string, number>();
  for (const one of servers) {
    t.is(one.status, 'ACTIVE');
    const host = one['OS-EXT-SRV-ATTR:host'];
    hosts.set(host, (hosts.get(host) ?? 0) + 1);
  }
  t.deepEqual(new Set(hosts.values()), new Set([10]), 'they are spread evenly');

  const moving = servers.slice(0, 10).map((one: { id: string }) => one.id);
  for (const id of moving) t.is((await admin.action(id, { migrate: null })).status, 202);
  await clock.advance(3_599_000);
  t.is((await admin.server(moving[0])).status, 'RESIZE');
  await clock.advance(1001);
  for (const id of moving) t.is((await admin.server(id)).status, 'VERIFY_RESIZE');
  t.log(`${(performance.now() - started).toFixed(0)} ms`);
});

test('a silent host is down for Nova after a minute, as are its agents', async (t) => {
  const clock = createVirtualClock();
  const { cloud, admin } = await startTestBed(t, { clock });
  const state = async (): Promise<string> =>
    (await admin.nova('GET', '/os-services?host=compute-1')).body.services[0].state;
  await cloud.cutNetwork('compute-1');
  await clock.advance(45_000);
  t.is(await state(), 'up', 'a minute without a report has not passed');
  await clock.advance(45_000);
  t.is(await state(), 'down');
  t.false((await admin.neutron('GET', '/agents?host=compute-1')).body.agents[0].alive);
  await cloud.restoreNetwork('compute-1');
  t.is(await state(), 'up');
});
