import { startTestDoctor } from '@nfv-doctor/core/testing';
import embedded from '@nfv-doctor/plugin-embedded';
import openstack from '@nfv-doctor/plugin-openstack';
import test from 'ava';
import { controllerSuite } from './controller-suite.js';

controllerSuite(test, () =>
  startTestDoctor({
    plugins: [embedded, openstack],
    roles: ['installer', 'cloud', 'controller'],
    config: { installer: { type: 'embedded' } },
  }),
);
