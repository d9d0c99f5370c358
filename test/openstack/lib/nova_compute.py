#!/usr/bin/python3
"""nova-compute with the in-tree fake driver, made fit for more than one host.

DOCTOR_VCPUS is the size of the host. Two gaps of the fake driver are closed:
 * after a live migration the source host goes on tracking the guest;
 * after a restart of nova-compute the driver has forgotten its guests.
"""
import os
import sys

from nova.cmd import compute
from nova.compute import power_state
from nova.compute import vm_states
from nova.virt import fake


class DoctorFakeDriver(fake.FakeDriver):
    vcpus = int(os.environ['DOCTOR_VCPUS'])
    memory_mb = vcpus * 4096
    local_gb = vcpus * 500

    def post_live_migration(self, context, instance, block_device_info,
                            migrate_data=None):
        self.destroy(context, instance, None, block_device_info)

    def get_info(self, instance, use_cache=True):
        if (instance.uuid not in self.instances and
                instance.host == self._host and
                instance.vm_state not in (vm_states.BUILDING,
                                          vm_states.DELETED)):
            state = (power_state.SHUTDOWN
                     if instance.vm_state == vm_states.STOPPED
                     else power_state.RUNNING)
            self.instances[instance.uuid] = fake.FakeInstance(
                instance.name, state, instance.uuid)
        return super().get_info(instance, use_cache)


fake.DoctorFakeDriver = DoctorFakeDriver

if __name__ == '__main__':
    sys.exit(compute.main())
