import { addActionRoutes } from './actions.js';
import { addFlavor, addFlavorRoutes } from './flavors.js';
import { addHypervisorRoutes } from './hypervisors.js';
import { addHistoryRoutes, addVersionRoutes, addZoneRoutes } from './misc.js';
import { Nova } from './nova.js';
import { addQuotaRoutes } from './quotas.js';
import { addServerGroupRoutes } from './server-groups.js';
import { addServerRoutes } from './servers.js';
import { addServiceRoutes } from './services.js';

/** Builds Nova with two flavors, `m1.tiny` and `m1.small`. */
export function createNova(...parts: ConstructorParameters<typeof Nova>): Nova {
  const nova = new Nova(...parts);
  addVersionRoutes(nova);
  addServerRoutes(nova);
  addActionRoutes(nova);
  addHistoryRoutes(nova);
  addServiceRoutes(nova);
  addHypervisorRoutes(nova);
  addFlavorRoutes(nova);
  addServerGroupRoutes(nova);
  addQuotaRoutes(nova);
  addZoneRoutes(nova);
  addFlavor(nova, { id: '1', name: 'm1.tiny', vcpus: 1, memoryMb: 512, diskGb: 1 });
  addFlavor(nova, { id: '2', name: 'm1.small', vcpus: 1, memoryMb: 1024, diskGb: 1 });
  return nova;
}
