import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Doctor } from '@nfv-doctor/core';
import test from 'ava';
import { runOnEmbeddedCloud } from './rig.js';

const CHECKPOINTS = ['T00', 'T01', 'T02', 'T03', 'T04', 'T05', 'T06', 'T07', 'T08', 'T09'];

// one at a time: a monitor whose event loop is late, because ten clouds share it, rightly condemns nobody
for (const mode of ['shortcut', 'conservative'])
  for (const count of [1, 5])
    test.serial(`passes with ${count} instance(s), ${mode}`, async (t) => {
      const { result, folder } = await runOnEmbeddedCloud(t, {
        config: { inspector: { mode }, test: { vm_count: count } },
      });
      const [scenario] = result.scenarios;
      t.is(scenario?.reason, null);
      t.is(result.verdict, 'passed');
      t.like(scenario, { mode, instances: count });
      t.deepEqual(Object.keys(scenario?.checkpoints ?? {}), CHECKPOINTS);
      t.true((scenario?.notificationTimeMs ?? Number.NaN) < 1000);
      t.is(scenario?.checks.filter(({ verdict }) => verdict === 'passed').length, 10);
      t.deepEqual(JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')), result);
    });

test.serial('passes on a cloud that takes its time and fails now and then', async (t) => {
  const { result } = await runOnEmbeddedCloud(t, {
    config: {
      installer: {
        latency: { distribution: 'lognormal', median: '10ms' },
        boot_time: '50ms',
        failures: [
          { operation: 'nova.servers.action', rate: 1, effect: 503, times: 2 },
          { operation: 'nova.servers.show', rate: 0.2, effect: 503, times: 5 },
        ],
      },
      test: { vm_count: 4, outage: '3s' },
    },
  });
  t.is(result.scenarios[0]?.reason, null);
  t.is(result.verdict, 'passed');
});

test.serial('an instance of another project on the failed host is in error, too, and restored', async (t) => {
  const seen: Record<string, Promise<string>> = {};
  let stranger: Promise<string> | undefined;
  const { result } = await runOnEmbeddedCloud(t, {
    watch(doctor) {
      const { compute } = doctor.role('controller');
      const status = async () => (await compute.instance((await stranger) ?? '')).status;
      doctor.events.on('scenario.step', ({ step, state }) => {
        if (state !== 'done') return;
        if (step === 'instances') stranger = bootBeside(doctor);
        if (step === 'cloud-state') seen['during'] = status();
        if (step === 'recovery') seen['after'] = status();
      });
    },
  });
  t.is(await seen['during'], 'ERROR');
  t.is(await seen['after'], 'ACTIVE');
  t.is(
    result.scenarios[0]?.checks.every(({ verdict }) => verdict === 'passed'),
    true,
  );
});

/** Boots an instance of the administrator's project on the host of the first instance there is. */
async function bootBeside(doctor: Doctor): Promise<string> {
  const { compute, network } = doctor.role('controller');
  const [first] = await compute.instances({ allProjects: true });
  const [flavor] = (await compute.flavors()).filter(({ name }) => name.startsWith('doctor-'));
  const net = await network.createNetwork('strangers');
  await network.createSubnet(net.id, 'strangers', '10.98.0.0/24');
  const { id } = await compute.createInstance({
    name: 'stranger',
    flavorId: flavor?.id ?? '',
    imageId: first?.imageId ?? '',
    networkIds: [net.id],
    hostname: first?.hostname ?? '',
  });
  return id;
}

test.serial(
  'a notification that is too late fails the scenario, and everything is cleaned up all the same',
  async (t) => {
    let left: Remains | undefined;
    const { result } = await runOnEmbeddedCloud(t, {
      config: { test: { notification_limit: '1ms' } },
      beforeStop: async (doctor) => {
        left = await remains(doctor);
      },
    });
    t.is(result.verdict, 'failed');
    t.regex(result.scenarios[0]?.reason ?? '', /check failed: the notification time is below the limit/);
    t.deepEqual(left, CLEAN);
  },
);

test.serial(
  'interrupted in the middle of the outage it restores the host and removes what it made',
  async (t) => {
    const controller = new AbortController();
    let left: Remains | undefined;
    const { result, interrupted } = await runOnEmbeddedCloud(t, {
      signal: controller.signal,
      config: { test: { outage: '60s' } },
      watch(doctor) {
        doctor.events.on('scenario.step', ({ step, state }) => {
          if (step === 'cloud-state' && state === 'done') controller.abort(new Error('Ctrl-C'));
        });
      },
      beforeStop: async (doctor) => {
        left = await remains(doctor);
      },
    });
    t.true(interrupted);
    t.is(result.scenarios[0]?.reason, 'interrupted');
    t.deepEqual(left, CLEAN);
  },
);

interface Remains {
  named: string[];
  instances: number;
  forcedDown: number;
}
const CLEAN: Remains = { named: [], instances: 0, forcedDown: 0 };

/** What a run has left in the cloud. */
async function remains(doctor: Doctor): Promise<Remains> {
  const { compute, identity, image, network } = doctor.role('controller');
  const things = await Promise.all([
    identity.projects(),
    compute.flavors(),
    image.images(),
    network.networks(),
    compute.serverGroups(),
  ]);
  return {
    named: things.flat().flatMap(({ name }) => (name.startsWith('doctor-') ? [name] : [])),
    instances: (await compute.instances({ allProjects: true })).length,
    forcedDown: (await compute.hosts()).filter(({ forcedDown }) => forcedDown).length,
  };
}

test.serial('what cannot be removed is named and fails the verdict', async (t) => {
  const { result } = await runOnEmbeddedCloud(t, {
    config: {
      test: { cleanup_timeout: '3s' },
      installer: { failures: [{ operation: 'neutron.networks.delete', rate: 1, effect: 403 }] },
    },
  });
  t.is(result.verdict, 'failed');
  t.regex(
    result.scenarios[0]?.reason ?? '',
    /could not be removed: network doctor-run-1-fm-net \([0-9a-f-]+\)/,
  );
});

test.serial('a clean-up whose calls fail now and then removes everything all the same', async (t) => {
  let left: string[] | undefined;
  const { result } = await runOnEmbeddedCloud(t, {
    config: {
      installer: {
        failures: [{ operation: 'nova.servers.delete', rate: 1, effect: 500, times: 2 }],
      },
      test: { vm_count: 2 },
    },
    beforeStop: async (doctor) => {
      left = (await doctor.role('controller').compute.instances({ allProjects: true })).map(
        ({ name }) => name,
      );
    },
  });
  t.deepEqual(left, []);
  t.notRegex(result.scenarios[0]?.reason ?? '', /could not be removed/);
});
