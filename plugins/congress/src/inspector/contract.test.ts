import { until } from '@nfv-doctor/core/plugin-api';
import { inspectorContract, inspectorOnCloud, startTestDoctor, systemClock } from '@nfv-doctor/core/testing';
import test from 'ava';

// the other plugins are found as they are installed; Congress is the embedded cloud's own
inspectorContract(test, async () => {
  const doctor = await startTestDoctor({
    plugins: [],
    discover: true,
    config: {
      installer: { type: 'embedded', network: 'none', hosts: { count: 2 }, emulators: ['congress'] },
      cloud: { type: 'openstack' },
      controller: { type: 'openstack' },
      message_bus: { type: 'sample' },
      inspector: { type: 'congress', refresh_interval: '20 ms', settle_timeout: '5 s' },
    },
    roles: ['installer', 'message_bus', 'cloud', 'controller', 'inspector'],
  });
  return inspectorOnCloud(
    doctor,
    // Congress has them from its first poll after the last boot on
    {
      ready: async (ids) => {
        const path = '/v1/policies/classification/tables/active_instance_in_host/rows';
        await until(
          async () => {
            const { body } = await doctor
              .role('cloud')
              .request<{ results: unknown[] }>('policy', { method: 'GET', path });
            return body.results.length === ids.length;
          },
          { clock: systemClock, what: 'Congress to know the instances', timeoutMs: 10_000, intervalMs: 10 },
        );
      },
    },
  );
});
