import type { Instance } from '../domain/instance.js';
import { DoctorError } from '../errors/index.js';
import type { Controller } from '../roles/controller/index.js';

/** All it takes to make an instance again; collected while all is well, so that nothing is looked up when it is not. */
export interface Blueprint {
  instance: Instance;
  flavorId: string;
  imageId: string;
  networkIds: string[];
  /** Floating IPs that point at the instance. */
  floatingIpIds: string[];
}

/**
 * Blueprints of these instances, as their owner sees the cloud: three lists, however many instances.
 * @throws DoctorError NOT_FOUND that names the instance and what of it the owner cannot see
 */
export async function blueprintsOf(
  instances: readonly Instance[],
  cloud: Controller,
  signal: AbortSignal,
): Promise<Blueprint[]> {
  const [flavors, networks, floatingIps] = await Promise.all([
    cloud.compute.flavors(signal),
    cloud.network.networks({}, signal),
    cloud.network.floatingIps(signal),
  ]);
  return instances.map((instance) => {
    const missing = (what: string, name: string | undefined) =>
      new DoctorError(
        'NOT_FOUND',
        `instance ${instance.name} (${instance.id}) cannot be protected: its owner does not see its ${what} ${name ?? ''}`,
      );
    const flavor = flavors.find(({ id, name }) => id === instance.flavor || name === instance.flavor);
    if (!flavor) throw missing('flavor', instance.flavor);
    if (!instance.imageId) throw missing('image', undefined);
    const addresses = new Set(Object.values(instance.addresses).flat());
    return {
      instance,
      flavorId: flavor.id,
      imageId: instance.imageId,
      networkIds: Object.keys(instance.addresses).map((name) => {
        const network = networks.find((candidate) => candidate.name === name);
        if (!network) throw missing('network', name);
        return network.id;
      }),
      floatingIpIds: floatingIps
        .filter(({ fixedAddress, address }) => addresses.has(fixedAddress ?? '') || addresses.has(address))
        .map(({ id }) => id),
    };
  });
}
