import type { RecordedEvent } from '../bus/index.js';
import { systemClock } from '../clock/system-clock.js';
import { until } from '../domain/until.js';
import type { Doctor } from '../host/index.js';
import type { InspectorHarness } from './contracts/inspector.js';

const DEADLINE_MS = 10_000;

export interface InspectorOnCloudOptions {
  /** Resolves when the inspector's backend knows the instances. */
  ready?: (instanceIds: readonly string[]) => Promise<void>;
}

/**
 * What `inspectorContract` needs, on the cloud of a started Doctor with installer, controller and inspector (such as the
 * embedded one): instances of two projects on the first two hosts. `close` stops the Doctor.
 */
export async function inspectorOnCloud(
  doctor: Doctor,
  options: InspectorOnCloudOptions = {},
): Promise<InspectorHarness> {
  const recorded: RecordedEvent[] = [];
  const end = doctor.events.onAny((event) => recorded.push(event));
  const controller = doctor.role('controller');
  const { compute } = controller;
  const [first, second] = (await compute.hosts()).map(({ hostname }) => hostname).toSorted();
  if (first === undefined || second === undefined) throw new Error('the cloud needs two hosts');
  const flavor = await compute.createFlavor({ name: 'contract', vcpus: 1, memoryMb: 64, diskGb: 1 });
  const [image] = await controller.image.images();
  const boot = async (project: string, hostname: string): Promise<string> => {
    const owner = await controller.identity.createOwner({ project, user: project, password: project });
    const own = controller.as(owner.credentials);
    const network = await own.network.createNetwork(project);
    await own.network.createSubnet(network.id, project, '10.1.0.0/24');
    // an owner may not choose the host: the others are closed meanwhile
    const hosts = await compute.hosts();
    for (const host of hosts) await compute.setEnabled(host.hostname, host.hostname === hostname);
    const { id } = await own.compute.createInstance({
      name: project,
      flavorId: flavor.id,
      imageId: image?.id ?? '',
      networkIds: [network.id],
    });
    await until(async () => (await compute.instance(id)).status === 'ACTIVE', {
      clock: systemClock,
      what: `${project} to be ACTIVE`,
      timeoutMs: DEADLINE_MS,
      intervalMs: 5,
    });
    for (const host of hosts) await compute.setEnabled(host.hostname, true);
    return id;
  };
  const instances = {
    [first]: [await boot('contract-1', first), await boot('contract-2', first)],
    [second]: [await boot('contract-3', second)],
  };
  await options.ready?.(Object.values(instances).flat());
  return {
    inspector: doctor.role('inspector'),
    hosts: [first, second],
    instances,
    recorded,
    forcedDown: async (hostname) =>
      (await compute.hosts()).some((host) => host.hostname === hostname && host.forcedDown),
    status: async (id) => (await compute.instance(id)).status,
    async close() {
      end();
      await doctor.stop();
    },
  };
}
