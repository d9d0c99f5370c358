import type { DoctorError } from '@nfv-doctor/core/plugin-api';
import type { ActionContext } from './actions-context.js';
import type { CallOutcome } from './calls.js';
import { addEvidence, type FaultRecord, type InstanceAction } from './fault-record.js';

/** What setting an instance's ports needs. */
export interface PortWork {
  record: FaultRecord;
  ctx: ActionContext;
  instance: InstanceAction;
  call(what: string, attempt: (signal: AbortSignal) => Promise<void>): Promise<CallOutcome>;
  failed(action: string, resource: string, error: DoctorError): void;
}

/** Sets `data_plane_status` of the instance's ports DOWN; stores what it was before it does. */
export async function setPortsDown({ record, ctx, instance, call, failed }: PortWork): Promise<void> {
  const { network } = ctx.controller;
  let ids: string[] = [];
  const listed = await call(`ports of ${instance.id}`, async (signal) => {
    const ports = await network.ports(instance.id, signal);
    const known = new Set(record.ports.map(({ id }) => id));
    for (const port of ports)
      if (port.dataPlaneStatus !== 'DOWN' && !known.has(port.id))
        record.ports.push({
          id: port.id,
          instanceId: instance.id,
          before: port.dataPlaneStatus,
          reverted: false,
        });
    ids = record.ports
      .filter((port) => port.instanceId === instance.id && !port.reverted)
      .map(({ id }) => id);
  });
  if (listed.state === 'failed' && listed.error.code !== 'CLOUD_NOT_FOUND')
    failed('ports', instance.id, listed.error);
  if (ids.length === 0) return;
  await ctx.store.put(record);
  await Promise.all(
    ids.map(async (id) => {
      const outcome = await call(`data_plane_status of port ${id}`, (signal) =>
        network.setDataPlaneStatus(id, 'DOWN', signal),
      );
      if (outcome.state === 'failed' && outcome.error.code !== 'CLOUD_NOT_FOUND')
        failed('data_plane_status DOWN', id, outcome.error);
    }),
  );
}

/** Sets the ports that were set DOWN to what they were, unless somebody has changed them since. */
export async function clearPorts({ record, ctx, instance, call, failed }: PortWork): Promise<void> {
  const { network } = ctx.controller;
  const ours = record.ports.filter((port) => port.instanceId === instance.id && !port.reverted);
  if (ours.length === 0) return;
  const now = new Map<string, string | null>();
  const listed = await call(`ports of ${instance.id}`, async (signal) => {
    for (const port of await network.ports(instance.id, signal)) now.set(port.id, port.dataPlaneStatus);
  });
  if (listed.state !== 'done') {
    if (listed.state === 'failed') failed('ports', instance.id, listed.error);
    return;
  }
  await Promise.all(
    ours.map(async (port) => {
      if (now.get(port.id) !== 'DOWN') {
        port.reverted = true;
        addEvidence(record, ctx.clock, 'left_as_it_is', 'is not DOWN any more, or gone', { port: port.id });
        return;
      }
      const outcome = await call(`data_plane_status of port ${port.id}`, (signal) =>
        network.setDataPlaneStatus(port.id, port.before, signal),
      );
      port.reverted = outcome.state === 'done';
      if (outcome.state === 'failed') failed('take back data_plane_status', port.id, outcome.error);
    }),
  );
}
