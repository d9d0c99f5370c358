import type { MessageBus } from '@nfv-doctor/core/plugin-api';
import { startTestDoctor } from '@nfv-doctor/core/testing';
import openstack from '@nfv-doctor/plugin-openstack';

/** A Doctor whose only role is the RabbitMQ bus. */
export async function startBus(
  config: Record<string, unknown>,
): Promise<{ bus: MessageBus; stop(): Promise<void> }> {
  const doctor = await startTestDoctor({
    plugins: [openstack],
    roles: ['message_bus'],
    config: { message_bus: config },
  });
  return { bus: doctor.role('message_bus'), stop: () => doctor.stop() };
}
