import type { CloudRequest, CloudResponse, CloudSession } from '@nfv-doctor/core/plugin-api';
import { compareMicroversions } from '../../cloud/microversion.js';
import { listAll } from '../paging.js';
import type { Query } from '../request.js';

/** Force-down came with it. */
const MINIMUM = '2.11';
/** 2.88 took `vcpus_used` and its like from the hypervisors, on which maintenance counts. */
const WANTED = '2.87';

/** Nova with the microversion that was negotiated with it. */
export class Nova {
  #version: string | undefined;

  constructor(private readonly cloud: CloudSession) {}

  /** @throws DoctorError CLOUD_MICROVERSION for a Nova older than Liberty */
  async version(): Promise<string> {
    this.#version ??= await this.cloud.negotiate('compute', MINIMUM, WANTED);
    return this.#version;
  }

  async atLeast(version: string): Promise<boolean> {
    return compareMicroversions(await this.version(), version) >= 0;
  }

  async request<T>(request: CloudRequest): Promise<CloudResponse<T>> {
    const microversion = this.#version ?? (await this.version());
    return this.cloud.request<T>('compute', { microversion, ...request });
  }

  async list<T extends { id?: string | number }>(
    path: string,
    key: string,
    query: Query,
    signal?: AbortSignal,
  ): Promise<T[]> {
    return listAll<T>(this.cloud, {
      service: 'compute',
      path,
      key,
      query,
      microversion: await this.version(),
      signal,
    });
  }
}
