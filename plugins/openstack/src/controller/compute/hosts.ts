import { type CloudRequest, DoctorError, type Host } from '@nfv-doctor/core/plugin-api';
import { type NovaHypervisor, type NovaService, toHosts } from '../mapping/host.js';
import { isMissing, withSignal } from '../request.js';
import type { Nova } from './nova.js';
import { HYPERVISORS, SERVICES, serviceUrl } from './urls.js';

const BINARY = 'nova-compute';

/** Compute hosts: os-services, joined with os-hypervisors. */
export class Hosts {
  /** Service ids by host, so that no look-up stands between a fault and force-down. */
  #services = new Map<string, NovaService>();

  constructor(private readonly nova: Nova) {}

  async list(signal?: AbortSignal): Promise<Host[]> {
    const [services, hypervisors] = await Promise.all([this.#load(signal), this.#hypervisors(signal)]);
    return toHosts(services, hypervisors);
  }

  /** The host's availability zone, or Nova's default one. */
  async zone(hostname: string, signal?: AbortSignal): Promise<string> {
    return (await this.#service(hostname, signal)).zone ?? 'nova';
  }

  async forceDown(hostname: string, down: boolean, signal?: AbortSignal): Promise<void> {
    if (await this.nova.atLeast('2.53')) return this.#change(hostname, { forced_down: down }, signal);
    const json = { host: hostname, binary: BINARY, forced_down: down };
    await this.#put(`${SERVICES}/force-down`, json, signal);
  }

  async setEnabled(hostname: string, enabled: boolean, reason = '', signal?: AbortSignal): Promise<void> {
    // Nova takes a reason only together with `disabled`
    const because = enabled || reason === '' ? {} : { disabled_reason: reason };
    if (await this.nova.atLeast('2.53')) {
      const status = enabled ? 'enabled' : 'disabled';
      return this.#change(hostname, { status, ...because }, signal);
    }
    const action = enabled ? 'enable' : reason === '' ? 'disable' : 'disable-log-reason';
    await this.#put(`${SERVICES}/${action}`, { host: hostname, binary: BINARY, ...because }, signal);
  }

  /** Changes a service by its id; one that was made anew under the same host name has another. */
  async #change(hostname: string, json: unknown, signal?: AbortSignal): Promise<void> {
    const known = this.#services.get(hostname);
    const service = known ?? (await this.#service(hostname, signal));
    try {
      await this.#put(serviceUrl(String(service.id)), json, signal);
    } catch (error) {
      if (!known || !isMissing(error)) throw error;
      this.#services.delete(hostname);
      await this.#put(serviceUrl(String((await this.#service(hostname, signal)).id)), json, signal);
    }
  }

  #put(path: string, json: unknown, signal?: AbortSignal) {
    const request: CloudRequest = { method: 'PUT', path, json, ...withSignal(signal) };
    return this.nova.request(request);
  }

  async #service(hostname: string, signal?: AbortSignal): Promise<NovaService> {
    const known = this.#services.get(hostname);
    if (known) return known;
    const services = await this.#load(signal);
    const found = this.#services.get(hostname);
    if (found) return found;
    const names = services.map(({ host }) => host).join(', ') || 'none';
    throw new DoctorError(
      'CLOUD_NOT_FOUND',
      `no ${BINARY} runs on a host called ${hostname}; Nova knows: ${names}`,
      { details: { hostname } },
    );
  }

  async #load(signal?: AbortSignal): Promise<NovaService[]> {
    const { body } = await this.nova.request<{ services?: NovaService[] }>({
      method: 'GET',
      path: SERVICES,
      query: { binary: BINARY },
      ...withSignal(signal),
    });
    const services = (body?.services ?? []).filter(({ binary }) => binary === BINARY);
    this.#services = new Map(services.map((service) => [service.host, service]));
    return services;
  }

  async #hypervisors(signal?: AbortSignal): Promise<NovaHypervisor[]> {
    // paged since 2.33
    if (await this.nova.atLeast('2.33'))
      return this.nova.list<NovaHypervisor>(HYPERVISORS, 'hypervisors', {}, signal);
    const { body } = await this.nova.request<{ hypervisors?: NovaHypervisor[] }>({
      method: 'GET',
      path: HYPERVISORS,
      ...withSignal(signal),
    });
    return body?.hypervisors ?? [];
  }
}
