import type { Cause, NotificationHub } from '../notifications/notifications.js';
import { isoDatabase, isoMicro, isoSeconds } from '../time.js';
import type { ComputeHost } from './compute-host.js';
import type { Server } from './model.js';

/** Old values of a change of state. */
export interface StateChange {
  vmState: string | null;
  taskState: string | null;
}

/** Who speaks: the API (the controller's name) or a host's nova-compute. */
export class InstanceNotifier {
  readonly #hub: NotificationHub;
  readonly #now: () => number;
  readonly #imageUrl: () => string;
  readonly #controller: string;

  constructor(hub: NotificationHub, now: () => number, imageUrl: () => string, controller: string) {
    this.#hub = hub;
    this.#now = now;
    this.#imageUrl = imageUrl;
    this.#controller = controller;
  }

  /** `compute.instance.update` and the versioned `instance.update`: vm_state or task_state changed. */
  update(cause: Cause, server: Server, old: StateChange, host: string | undefined): void {
    const publisher = host ?? this.#controller;
    this.#hub.emit(cause, {
      exchange: 'nova',
      topic: 'notifications',
      publisherId: `compute.${publisher}`,
      eventType: 'compute.instance.update',
      payload: () => ({ ...this.#legacy(server), ...this.#change(server, old) }),
    });
    this.#hub.emit(cause, {
      exchange: 'nova',
      topic: 'versioned_notifications',
      publisherId: `nova-compute:${publisher}`,
      eventType: 'instance.update',
      payload: () => object('InstanceUpdatePayload', '2.0', this.#versionedUpdate(server, old, cause)),
    });
  }

  /**
   * A step of an instance's life, such as `create.end`: `compute.instance.create.end` and `instance.create.end`.
   * @param versioned name of the versioned event where it differs
   */
  step(
    cause: Cause,
    server: Server,
    name: string,
    extra: Record<string, unknown> = {},
    versioned = name,
  ): void {
    const publisher = server.host ?? this.#controller;
    const priority = name.endsWith('.error') ? 'ERROR' : 'INFO';
    this.#hub.emit(cause, {
      exchange: 'nova',
      topic: 'notifications',
      publisherId: `compute.${publisher}`,
      eventType: `compute.instance.${name}`,
      priority,
      payload: () => ({ ...this.#legacy(server), ...this.#addresses(server), ...extra }),
    });
    this.#hub.emit(cause, {
      exchange: 'nova',
      topic: 'versioned_notifications',
      publisherId: `nova-compute:${publisher}`,
      eventType: `instance.${versioned}`,
      priority,
      payload: () =>
        object('InstanceActionPayload', '1.8', { ...this.#versioned(server, cause), fault: null }),
    });
  }

  /** The versioned `service.update`: somebody changed nova-compute's service. */
  service(cause: Cause, host: ComputeHost): void {
    this.#hub.emit(cause, {
      exchange: 'nova',
      topic: 'versioned_notifications',
      publisherId: `nova-compute:${host.hostname}`,
      eventType: 'service.update',
      payload: () =>
        object('ServiceStatusPayload', '1.1', {
          host: host.hostname,
          binary: 'nova-compute',
          topic: 'compute',
          report_count: host.reportCount,
          disabled: host.disabled,
          disabled_reason: host.disabledReason,
          availability_zone: null,
          last_seen_up: isoSeconds(host.lastSeen()),
          forced_down: host.forcedDown,
          version: 64,
          uuid: host.serviceUuid,
        }),
    });
  }

  /** The scheduler found no host: `compute_task.build_instances` and the like. */
  taskFailed(cause: Cause, server: Server, method: string, reason: string): void {
    this.#hub.emit(cause, {
      exchange: 'nova',
      topic: 'notifications',
      publisherId: `compute.${this.#controller}`,
      eventType: `compute_task.${method}`,
      priority: 'ERROR',
      payload: () => ({
        request_spec: { instance_properties: { uuid: server.id } },
        instance_properties: { uuid: server.id },
        instance_id: server.id,
        state: server.vmState,
        method,
        reason,
      }),
    });
  }

  #legacy(server: Server): Record<string, unknown> {
    const { flavor } = server;
    return {
      tenant_id: server.projectId,
      user_id: server.userId,
      instance_id: server.id,
      display_name: server.name,
      reservation_id: server.reservationId,
      hostname: server.hostname,
      instance_type: flavor.name,
      instance_type_id: flavor.number,
      instance_flavor_id: flavor.id,
      architecture: null,
      memory_mb: flavor.memoryMb,
      disk_gb: flavor.diskGb + flavor.ephemeralGb,
      vcpus: flavor.vcpus,
      root_gb: flavor.diskGb,
      ephemeral_gb: flavor.ephemeralGb,
      host: server.host,
      node: server.host,
      availability_zone: server.host === null ? '' : server.zone,
      cell_name: '',
      created_at: `${isoSeconds(server.createdAt).replace('T', ' ').replace('Z', '')}+00:00`,
      terminated_at: server.terminatedAt === null ? '' : isoDatabase(server.terminatedAt),
      deleted_at: server.vmState === 'deleted' ? isoDatabase(server.terminatedAt ?? this.#now()) : '',
      launched_at: server.launchedAt === null ? '' : isoDatabase(server.launchedAt),
      image_ref_url: `${this.#imageUrl()}/images/${server.imageId}`,
      os_type: null,
      kernel_id: '',
      ramdisk_id: '',
      state: server.vmState,
      state_description: server.taskState ?? '',
      progress: '',
      access_ip_v4: null,
      access_ip_v6: null,
      image_meta: {
        min_ram: '0',
        min_disk: String(flavor.diskGb),
        disk_format: 'raw',
        container_format: 'bare',
        base_image_ref: server.imageId,
      },
      metadata: { ...server.metadata },
    };
  }

  #change(server: Server, old: StateChange): Record<string, unknown> {
    return {
      old_state: old.vmState,
      old_task_state: old.taskState,
      new_task_state: server.taskState,
      ...this.#auditPeriod((ms) => isoMicro(ms)),
    };
  }

  /** From the start of the month until now. */
  #auditPeriod(write: (ms: number) => string): Record<string, unknown> {
    const now = this.#now();
    const date = new Date(now);
    const beginning = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
    return { audit_period_beginning: write(beginning), audit_period_ending: write(now) };
  }

  #addresses(server: Server): Record<string, unknown> {
    const fixed = server.ports.flatMap((port) =>
      port.fixed_ips.map(({ ip_address }) => ({
        address: ip_address,
        type: 'fixed',
        version: 4,
        meta: {},
        floating_ips: [],
        vif_mac: port.mac_address,
      })),
    );
    return { fixed_ips: fixed };
  }

  #versionedUpdate(server: Server, old: StateChange, cause: Cause): Record<string, unknown> {
    return {
      state_update: object('InstanceStateUpdatePayload', '1.0', {
        old_state: old.vmState,
        state: server.vmState,
        old_task_state: old.taskState,
        new_task_state: server.taskState,
      }),
      audit_period: object('AuditPeriodPayload', '1.0', this.#auditPeriod(isoSeconds)),
      old_display_name: null,
      tags: [...server.tags],
      ...this.#versioned(server, cause),
    };
  }

  #versioned(server: Server, cause: Cause): Record<string, unknown> {
    const { flavor } = server;
    return {
      uuid: server.id,
      user_id: server.userId,
      tenant_id: server.projectId,
      reservation_id: server.reservationId,
      display_name: server.name,
      display_description: server.description,
      host_name: server.hostname,
      host: server.host,
      node: server.host,
      os_type: null,
      architecture: null,
      availability_zone: server.host === null ? null : server.zone,
      flavor: object('FlavorPayload', '1.4', {
        flavorid: flavor.id,
        memory_mb: flavor.memoryMb,
        vcpus: flavor.vcpus,
        root_gb: flavor.diskGb,
        ephemeral_gb: flavor.ephemeralGb,
        name: flavor.name,
        swap: flavor.swapMb,
        rxtx_factor: 1,
        vcpu_weight: 0,
        disabled: false,
        is_public: flavor.isPublic,
        extra_specs: { ...flavor.extraSpecs },
        projects: null,
        description: flavor.description,
      }),
      image_uuid: server.imageId,
      key_name: server.keyName,
      kernel_id: '',
      ramdisk_id: '',
      created_at: time(server.createdAt),
      launched_at: time(server.launchedAt),
      terminated_at: time(server.terminatedAt),
      deleted_at: null,
      updated_at: time(server.updatedAt),
      state: server.vmState,
      power_state: POWER[server.powerState] ?? 'pending',
      task_state: server.taskState,
      progress: 0,
      ip_addresses: this.#versionedAddresses(server),
      block_devices: null,
      metadata: { ...server.metadata },
      locked: server.locked,
      auto_disk_config: 'MANUAL',
      request_id: cause.requestId,
      action_initiator_user: cause.token?.user.id ?? null,
      action_initiator_project: cause.token?.project?.id ?? null,
      locked_reason: server.lockedReason,
    };
  }

  #versionedAddresses(server: Server): unknown[] {
    return server.ports.flatMap((port) =>
      port.fixed_ips.map(({ ip_address }) =>
        object('IpPayload', '1.0', {
          label: '',
          mac: port.mac_address,
          meta: {},
          port_uuid: port.id,
          version: 4,
          address: ip_address,
          device_name: `tap${port.id.slice(0, 11)}`,
        }),
      ),
    );
  }
}

const time = (ms: number | null): string | null => (ms === null ? null : isoSeconds(ms));

const POWER: Record<number, string> = { 0: 'pending', 1: 'running', 3: 'paused', 4: 'shutdown' };

function object(name: string, version: string, data: Record<string, unknown>): Record<string, unknown> {
  return {
    'nova_object.name': name,
    'nova_object.namespace': 'nova',
    'nova_object.version': version,
    'nova_object.data': data,
  };
}
