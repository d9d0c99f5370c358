import { DoctorError } from '../errors/index.js';
import { find, type InstanceContext } from './instances.js';
import type { ApplicationRecord } from './record.js';

/**
 * Points the service address at a member that is not about to be touched, before anything happens to the active one.
 * @param touched instances that will be touched
 * @returns whether the address was moved
 * @throws DoctorError CONFLICT when no other member is active
 */
export async function switchOver(
  record: ApplicationRecord,
  touched: ReadonlySet<string>,
  { cloud }: InstanceContext,
  signal: AbortSignal,
): Promise<boolean> {
  const { floatingIpId, redundant } = record;
  if (floatingIpId === undefined || !redundant.some((id) => touched.has(id))) return false;
  const address = (await cloud.network.floatingIps(signal)).find(({ id }) => id === floatingIpId);
  if (!address) throw new DoctorError('CLOUD_NOT_FOUND', `floating IP ${floatingIpId} does not exist`);
  const ports = new Map<string, string>();
  for (const id of redundant)
    for (const port of await cloud.network.ports(id, signal)) ports.set(port.id, id);
  const active = address.portId === null ? undefined : ports.get(address.portId);
  if (active !== undefined && !touched.has(active)) return false;
  const standby = await firstActive(record, touched, cloud, signal);
  const port = [...ports].find(([, id]) => id === standby)?.[0];
  if (standby === undefined || port === undefined)
    throw new DoctorError(
      'CONFLICT',
      `no other member of the pair is active to take over from ${active ?? 'nobody'}`,
    );
  await cloud.network.moveFloatingIp(floatingIpId, port, signal);
  record.redundant = [standby, ...redundant.filter((id) => id !== standby)];
  return true;
}

async function firstActive(
  { redundant }: ApplicationRecord,
  touched: ReadonlySet<string>,
  cloud: InstanceContext['cloud'],
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const id of redundant) {
    if (touched.has(id)) continue;
    const instance = await find(cloud, id, signal);
    if (instance?.status === 'ACTIVE' && !instance.taskState) return id;
  }
  return undefined;
}
