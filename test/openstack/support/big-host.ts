import { type CloudSession, mapBounded } from '@nfv-doctor/core';
import { BIG_HOST } from './bed.js';
import { startOnCloud } from './doctor.js';

/** Takes the replacements of what the big host carries: the other hosts have two vCPUs each. */
const REFUGE = 'compute-3';

interface Inventory {
  allocation_ratio: number;
  resource_provider_generation: number;
  [key: string]: number;
}

/**
 * While instances boot only the big host is enabled, so that they are all on it; `open` lets the others take their
 * replacements; `putBack` makes all as it was.
 */
export async function fillBigHost(): Promise<{ open(): Promise<void>; putBack(): Promise<void> }> {
  const doctor = await startOnCloud(['controller']);
  const { compute } = doctor.role('controller');
  const cloud = doctor.role('cloud');
  const hosts = await compute.hosts();
  const reason = hosts.find(({ hostname }) => hostname === BIG_HOST)?.disabledReason;
  if (reason === undefined)
    throw new Error(`${BIG_HOST} is not disabled with a reason: is this the test bed?`);
  const others = hosts.flatMap(({ hostname, status }) =>
    hostname !== BIG_HOST && status === 'enabled' ? [hostname] : [],
  );
  const open = () => each(others, (hostname) => compute.setEnabled(hostname, true));
  const ratio = await overcommit(cloud, REFUGE, 16);
  await compute.setEnabled(BIG_HOST, true);
  await each(others, (hostname) => compute.setEnabled(hostname, false, 'a test fills the big host'));
  return {
    open,
    async putBack() {
      await overcommit(cloud, REFUGE, ratio);
      await open();
      await compute.setEnabled(BIG_HOST, false, reason);
      await doctor.stop();
    },
  };
}

const each = (hostnames: readonly string[], change: (hostname: string) => Promise<void>) =>
  mapBounded(hostnames, hostnames.length, change).then(() => {});

/** nova.conf has the initial ratio only, so that what Placement is told stays. @returns the ratio of before */
async function overcommit(cloud: CloudSession, hostname: string, ratio: number): Promise<number> {
  const { body } = await cloud.request<{ resource_providers: { uuid: string }[] }>('placement', {
    method: 'GET',
    path: '/resource_providers',
    query: { name: hostname },
  });
  const path = `/resource_providers/${body.resource_providers[0]?.uuid ?? hostname}/inventories/VCPU`;
  const inventory = (await cloud.request<Inventory>('placement', { method: 'GET', path })).body;
  await cloud.request('placement', { method: 'PUT', path, json: { ...inventory, allocation_ratio: ratio } });
  return inventory.allocation_ratio;
}
