import type { ProjectOwner } from '../../domain/credentials.js';
import type { Flavor, Image, Network, Subnet } from '../../roles/index.js';

/** What the preparing steps make; the states of scenarios extend it. */
export interface PreparedState {
  image?: Image;
  /** Whether the image was made for this run. */
  imageCreated?: boolean;
  flavor?: Flavor;
  owner?: ProjectOwner;
  network?: Network;
  subnet?: Subnet;
}
