import { join } from 'node:path';
import type { Doctor } from '@nfv-doctor/core';
import type { RoleName } from '@nfv-doctor/core/plugin-api';
import { startTestDoctor } from '@nfv-doctor/core/testing';
import openstack from '@nfv-doctor/plugin-openstack';

const STATE_DIR = process.env.STATE_DIR ?? '/tmp/doctor-openstack';
process.env.OS_CLIENT_CONFIG_FILE ??= join(STATE_DIR, 'clouds.yaml');

/** The test bed's broker. */
export const TRANSPORT_URL = 'rabbit://openstack:mq-secret@127.0.0.1:5672/';

/** A Doctor on the test bed, as its service user, with the given roles of the OpenStack plugin. */
export function startOnCloud(
  roles: readonly RoleName[],
  config: Record<string, unknown> = {},
): Promise<Doctor> {
  return startTestDoctor({
    plugins: [openstack],
    roles: ['cloud', ...roles],
    config: {
      cloud: { cloud: 'doctor' },
      message_bus: { transport_url: TRANSPORT_URL },
      ...config,
    },
  });
}
