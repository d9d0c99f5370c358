import { core, provide } from '@nfv-doctor/core/plugin-api';
import { OpenstackController } from './controller.js';

/** `controller: {type: openstack}`: Nova, Neutron, Glance and Keystone. */
export const openstackController = provide({
  role: 'controller',
  type: 'openstack',
  doc: 'Nova, Neutron, Glance and Keystone of an OpenStack',
  config: {
    admin_roles: {
      doc: 'Roles whose bearers may list the instances of all projects',
      format: 'strings',
      default: ['admin'] as string[],
    },
  },
  deps: { cloud: core.cloudSession },
  create: ({ config }, { cloud }) => new OpenstackController(cloud, { adminRoles: config.admin_roles }),
});
