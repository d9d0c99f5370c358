import type { Cause } from '../notifications/notifications.js';
import type { FloatingIp, Neutron } from './neutron.js';

/** A floating IP as Neutron shows it, with what it tells of the port that it points at. */
export function renderFloatingIp(neutron: Neutron, floating: FloatingIp): Record<string, unknown> {
  const port = floating.port_id === null ? undefined : neutron.ports.get(floating.port_id);
  const details = port && {
    admin_state_up: port['admin_state_up'],
    device_id: port.device_id,
    device_owner: port.device_owner,
    mac_address: port.mac_address,
    name: port.name,
    network_id: port.network_id,
    status: port.status,
  };
  return { ...floating, port_details: details ?? null };
}

/** The port is going: its floating IPs point nowhere from now on. */
export function detachFloatingIps(neutron: Neutron, cause: Cause, portId: string): void {
  for (const floating of neutron.floatingIps.by('port_id', portId)) {
    neutron.floatingIps.update(floating, {
      port_id: null,
      fixed_ip_address: null,
      router_id: null,
      status: 'DOWN',
    });
    neutron.notify(cause, 'floatingip.update.end', () => ({
      floatingip: renderFloatingIp(neutron, floating),
    }));
  }
}
