import type { FaultEventType, Severity } from '../domain/fault.js';

/** What a foreign monitor said about a host, once its own format has been read. */
export interface ReceivedFault {
  /** Name of the host as Nova has it, or one of its addresses. */
  host: string;
  /** `compute.host.down` or `compute.host.nic.down`; which of the two, `status` says. */
  kind: 'host' | 'nic';
  status: 'down' | 'up';
  severity?: Severity | undefined;
  cause?: string | undefined;
  /** When the foreign monitor saw it: ISO 8601. */
  time?: string | undefined;
  /** The foreign monitor's own id of it. */
  id?: string | undefined;
}

export const eventType = ({ kind, status }: ReceivedFault): FaultEventType =>
  kind === 'host' ? `compute.host.${status}` : `compute.host.nic.${status}`;
