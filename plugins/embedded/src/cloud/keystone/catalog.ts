import { newHexId } from '../ids.js';

/** One entry of the catalog. */
export interface CatalogService {
  id: string;
  name: string;
  type: string;
  description: string;
  endpoints: CatalogEndpoint[];
}
interface CatalogEndpoint {
  id: string;
  interface: 'public' | 'internal' | 'admin';
  region: string;
  region_id: string;
  url: string;
}

/** The catalog of this cloud: each service with its three interfaces at the same address. */
export class Catalog {
  readonly region: string;
  readonly services: CatalogService[] = [];

  constructor(region: string) {
    this.region = region;
  }

  add(name: string, type: string, url: string): void {
    const endpoints = (['public', 'internal', 'admin'] as const).map((face) => ({
      id: newHexId(),
      interface: face,
      region: this.region,
      region_id: this.region,
      url,
    }));
    this.services.push({ id: newHexId(), name, type, description: '', endpoints });
  }

  /** As it stands in a token. */
  render(): unknown[] {
    return this.services.map(({ endpoints, id, name, type }) => ({ endpoints, id, name, type }));
  }
}
