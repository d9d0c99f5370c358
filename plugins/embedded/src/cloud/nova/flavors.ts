import { integerField, isObject, objectField, optionalText, readBoolean, textField } from '../http/body.js';
import { conflict, notFound } from '../http/errors.js';
import type { Call } from '../http/service.js';
import { newUuid } from '../ids.js';
import type { Flavor } from './model.js';
import { type Nova, requireAdmin } from './nova.js';
import { links } from './render-server.js';

/** Adds a flavor. */
export function addFlavor(
  nova: Nova,
  fields: Pick<Flavor, 'name' | 'vcpus' | 'memoryMb' | 'diskGb'> & Partial<Flavor>,
): Flavor {
  const number = nova.nextFlavorNumber();
  const flavor: Flavor = {
    ephemeralGb: 0,
    swapMb: 0,
    isPublic: true,
    description: null,
    extraSpecs: {},
    ...fields,
    id: fields.id ?? newUuid(),
    number,
  };
  nova.flavors.set(flavor.id, flavor);
  return flavor;
}

function render(nova: Nova, call: Call, flavor: Flavor): Record<string, unknown> {
  return {
    id: flavor.id,
    name: flavor.name,
    ram: flavor.memoryMb,
    disk: flavor.diskGb,
    swap: flavor.swapMb === 0 ? (call.version >= 75 ? 0 : '') : flavor.swapMb,
    'OS-FLV-EXT-DATA:ephemeral': flavor.ephemeralGb,
    'OS-FLV-DISABLED:disabled': false,
    vcpus: flavor.vcpus,
    'os-flavor-access:is_public': flavor.isPublic,
    rxtx_factor: 1.0,
    links: links(nova, 'flavors', flavor.id),
    ...(call.version >= 55 && { description: flavor.description }),
    ...(call.version >= 61 && { extra_specs: flavor.extraSpecs }),
  };
}

export function addFlavorRoutes(nova: Nova): void {
  const { service } = nova;
  const find = (call: Call): Flavor => {
    const flavor = nova.flavors.get(call.params['id'] ?? '');
    if (flavor === undefined) throw notFound(`Flavor ${call.params['id']} could not be found.`);
    return flavor;
  };
  const page = (call: Call): Flavor[] => {
    let all = [...nova.flavors.values()];
    const marker = [call.query['marker']].flat()[0];
    if (marker) all = all.slice(all.findIndex((flavor) => flavor.id === marker) + 1);
    const minRam = Number([call.query['minRam']].flat()[0] ?? 0);
    const minDisk = Number([call.query['minDisk']].flat()[0] ?? 0);
    const limit = Number([call.query['limit']].flat()[0] ?? 1000) || 1000;
    return all.filter((flavor) => flavor.memoryMb >= minRam && flavor.diskGb >= minDisk).slice(0, limit);
  };
  service.route('GET', '/v2.1/flavors', 'flavors.list', (call) => ({
    body: {
      flavors: page(call).map((flavor) => ({
        id: flavor.id,
        name: flavor.name,
        links: links(nova, 'flavors', flavor.id),
        ...(call.version >= 55 && { description: flavor.description }),
      })),
    },
  }));
  service.route('GET', '/v2.1/flavors/detail', 'flavors.detail', (call) => ({
    body: { flavors: page(call).map((flavor) => render(nova, call, flavor)) },
  }));
  service.route('GET', '/v2.1/flavors/:id', 'flavors.get', (call) => ({
    body: { flavor: render(nova, call, find(call)) },
  }));
  service.route('POST', '/v2.1/flavors', 'flavors.create', (call) => {
    requireAdmin(call, 'os_compute_api:os-flavor-manage:create');
    const given = objectField(call.body, 'flavor');
    const name = textField(given, 'name');
    const wanted = given['id'] === undefined || given['id'] === null ? 'auto' : String(given['id']);
    for (const other of nova.flavors.values()) {
      if (other.name === name) throw conflict(`Flavor with name ${name} already exists.`);
      if (other.id === wanted) throw conflict(`Flavor with ID ${wanted} already exists.`);
    }
    const flavor = addFlavor(nova, {
      ...(wanted !== 'auto' && { id: wanted }),
      name,
      vcpus: integerField(given, 'vcpus'),
      memoryMb: integerField(given, 'ram'),
      diskGb: integerField(given, 'disk', 0),
      ephemeralGb: integerField(given, 'OS-FLV-EXT-DATA:ephemeral', 0),
      swapMb: integerField(given, 'swap', 0),
      isPublic: readBoolean(given['os-flavor-access:is_public'] ?? true) ?? true,
      description: optionalText(given, 'description') ?? null,
    });
    return { body: { flavor: render(nova, call, flavor) } };
  });
  service.route('DELETE', '/v2.1/flavors/:id', 'flavors.delete', (call) => {
    requireAdmin(call, 'os_compute_api:os-flavor-manage:delete');
    nova.flavors.delete(find(call).id);
    return { status: 202 };
  });
  service.route('GET', '/v2.1/flavors/:id/os-extra_specs', 'flavors.extra_specs', (call) => ({
    body: { extra_specs: find(call).extraSpecs },
  }));
  service.route('POST', '/v2.1/flavors/:id/os-extra_specs', 'flavors.set_extra_specs', (call) => {
    requireAdmin(call, 'os_compute_api:os-flavor-extra-specs:create');
    const flavor = find(call);
    const given = isObject(call.body) ? objectField(call.body, 'extra_specs') : {};
    for (const [key, value] of Object.entries(given)) flavor.extraSpecs[key] = String(value);
    return { body: { extra_specs: flavor.extraSpecs } };
  });
}
