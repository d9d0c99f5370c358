import { until } from '@nfv-doctor/core';
import { systemClock } from '@nfv-doctor/core/testing';
import test from 'ava';
import { service } from './support/bed.js';
import { startOnCloud } from './support/doctor.js';
import { type CloudRun, passed, runOnCloud } from './support/scenario.js';

/** The vCPUs of compute-1 to 3 are full; nothing is placed on the big host, which is disabled. */
function maintained(t: import('ava').ExecutionContext, run: CloudRun): void {
  passed(t, run);
  t.like(run.scenario, { hosts: 3, instances: 6, serviceDowntimeMs: 0 });
  t.true((run.scenario.messages as number) > 0);
}

for (const notifier of ['aodh', 'sample'])
  test.serial(`3 hosts full of instances, told through ${notifier}: no downtime`, async (t) => {
    const run = await runOnCloud(t, { names: ['maintenance'], set: { 'notifier.type': notifier } });
    maintained(t, run);
  });

async function hostsUp(): Promise<void> {
  const doctor = await startOnCloud(['controller']);
  const { compute } = doctor.role('controller');
  try {
    await until(async () => (await compute.hosts()).every(({ state }) => state === 'up'), {
      clock: systemClock,
      what: 'all hosts to be up after the restart of RabbitMQ',
      timeoutMs: 120_000,
      intervalMs: 1_000,
    });
  } finally {
    await doctor.stop();
  }
}

test.serial('RabbitMQ restarts in the middle of a session: it goes on, nothing is lost', async (t) => {
  let restarted: Promise<unknown> | undefined;
  const run = await runOnCloud(t, {
    names: ['maintenance'],
    // Nova takes a while to see its own services again
    prepare: async () => hostsUp,
    set: {
      // long enough for the broker to be back: what Nova is asked in between, Nova itself loses
      'admin_tool.actions': { work: { kind: 'none', duration: '15 s' } },
      'admin_tool.default_actions': ['work'],
      'admin_tool.max_parallel_hosts': 1,
    },
    watch(doctor) {
      doctor.events.on('maintenance.host', ({ message }) => {
        if (message.state === 'IN_MAINTENANCE')
          restarted ??= service('rabbitmq', 'restart').then(() => service('rabbitmq', 'ready'));
      });
    },
  });
  await restarted;
  t.truthy(restarted, 'the broker was not restarted');
  maintained(t, run);
});
