import { segment } from '../request.js';

/** Nova's paths; an endpoint that has the version in it already keeps its own. */
export const SERVERS = '/v2.1/servers';
export const SERVICES = '/v2.1/os-services';
export const HYPERVISORS = '/v2.1/os-hypervisors/detail';
export const FLAVORS = '/v2.1/flavors';
export const SERVER_GROUPS = '/v2.1/os-server-groups';

export const serverUrl = (id: string) => `${SERVERS}/${segment(id)}`;
export const actionUrl = (id: string) => `${SERVERS}/${segment(id)}/action`;
export const serviceUrl = (id: string) => `${SERVICES}/${segment(id)}`;
export const flavorUrl = (id: string) => `${FLAVORS}/${segment(id)}`;
export const serverGroupUrl = (id: string) => `${SERVER_GROUPS}/${segment(id)}`;
export const quotaUrl = (projectId: string) => `/v2.1/os-quota-sets/${segment(projectId)}`;
