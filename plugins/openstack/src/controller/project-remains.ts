import {
  type CloudRequest,
  type CloudSession,
  DoctorError,
  type ServiceType,
} from '@nfv-doctor/core/plugin-api';
import { quotaUrl } from './compute/urls.js';
import { segment, withSignal } from './request.js';

const GROUPS = '/v2.0/security-groups';

/**
 * Removes what the services keep for a project of their own accord, and would keep for good when it is deleted:
 * Neutron's security group `default`, Nova's quota. A service that is not there, or does not know such a thing, has none.
 */
export async function removeRemains(
  cloud: CloudSession,
  projectId: string,
  signal?: AbortSignal,
): Promise<void> {
  const send = <T>(service: ServiceType, request: CloudRequest) =>
    unlessAbsent(cloud.request<T>(service, { ...request, ...withSignal(signal) }));
  const groups = await send<{ security_groups?: { id: string; name: string; project_id?: string }[] }>(
    'network',
    { method: 'GET', path: GROUPS, query: { project_id: projectId, name: 'default' } },
  );
  // a service that does not know the filters must not lead to other projects' groups
  for (const { id, name, project_id: owner } of groups?.body?.security_groups ?? [])
    if (name === 'default' && owner === projectId)
      await send('network', { method: 'DELETE', path: `${GROUPS}/${segment(id)}` });
  await send('compute', { method: 'DELETE', path: quotaUrl(projectId) });
}

async function unlessAbsent<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const status = DoctorError.is(error) ? error.details['status'] : undefined;
    if (DoctorError.is(error) && error.code === 'CLOUD_ENDPOINT_MISSING') return undefined;
    if (status === 404 || status === 405 || status === 501) return undefined;
    throw error;
  }
}
