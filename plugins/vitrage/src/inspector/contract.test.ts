import { inspectorContract, inspectorOnCloud, startTestDoctor } from '@nfv-doctor/core/testing';
import test from 'ava';

// the other plugins are found as they are installed; Vitrage is the embedded cloud's own
inspectorContract(test, async () => {
  const doctor = await startTestDoctor({
    plugins: [],
    discover: true,
    config: {
      installer: { type: 'embedded', network: 'none', hosts: { count: 2 }, emulators: ['vitrage'] },
      cloud: { type: 'openstack' },
      controller: { type: 'openstack' },
      message_bus: { type: 'sample' },
      inspector: { type: 'vitrage', upload_template: true, settle_timeout: '5 s' },
    },
    roles: ['installer', 'message_bus', 'cloud', 'controller', 'inspector'],
  });
  return inspectorOnCloud(doctor);
});
