import { join } from 'node:path';
import type { Doctor } from '@nfv-doctor/core';
import { definePlugin, type Plugin, provide, type RoleName } from '@nfv-doctor/core/plugin-api';
import { startTestDoctor } from '@nfv-doctor/core/testing';
import openstack from '@nfv-doctor/plugin-openstack';

const STATE_DIR = process.env.STATE_DIR ?? '/tmp/doctor-openstack';
process.env.OS_CLIENT_CONFIG_FILE ??= join(STATE_DIR, 'clouds.yaml');

/** The test bed's broker. */
export const TRANSPORT_URL = 'rabbit://openstack:mq-secret@127.0.0.1:5672/';

/** The cloud is there already: nothing to install, and it is not this installer that knows the credentials. */
const standing: Plugin = definePlugin({
  manifest: { name: 'standing-cloud', version: '1.0.0', apiVersion: '^1.0.0' },
  provides: [
    provide({
      role: 'installer',
      type: 'standing',
      doc: 'a cloud that stands already',
      create: () => ({
        start: async () => {},
        stop: async () => {},
        health: () => ({ status: 'up', detail: '' }),
        credentials: async () => undefined,
        hosts: async () => [],
        cutNetwork: async () => {
          throw new Error('not used here');
        },
      }),
    }),
  ],
});

/** A Doctor on the test bed, as its service user, with the given roles of the OpenStack plugin. */
export function startOnCloud(
  roles: readonly RoleName[],
  config: Record<string, unknown> = {},
): Promise<Doctor> {
  return startTestDoctor({
    plugins: [standing, openstack],
    roles: ['installer', 'cloud', ...roles],
    config: {
      cloud: { cloud: 'doctor' },
      message_bus: { transport_url: TRANSPORT_URL },
      ...config,
    },
  });
}
