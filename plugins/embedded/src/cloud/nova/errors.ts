import { type ApiError, conflict, forbidden, notFound } from '../http/errors.js';
import type { Server } from './model.js';

const FAULTS: Record<number, string> = {
  400: 'badRequest',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  409: 'conflictingRequest',
  413: 'overLimit',
  415: 'badMediaType',
  429: 'overLimit',
  501: 'notImplemented',
  503: 'serviceUnavailable',
};

/** An error body as Nova (401: keystonemiddleware, unknown paths: webob) writes it. */
export function renderNovaError(error: ApiError): unknown {
  if (error.status === 401) return { error: { code: 401, message: error.message, title: 'Unauthorized' } };
  if (error.type === 'HTTPNotFound') {
    return { message: `${error.message}<br /><br />\n\n\n`, code: '404 Not Found', title: 'Not Found' };
  }
  return { [FAULTS[error.status] ?? 'computeFault']: { code: error.status, message: error.message } };
}

/** 403: the policy says no. */
export const policyDenies = (rule: string): ApiError =>
  forbidden(`Policy doesn't allow ${rule} to be performed.`);

export const instanceNotFound = (id: string): ApiError => notFound(`Instance ${id} could not be found.`);

/** 409: the instance is in the wrong state for this. */
export function wrongState(action: string, server: Server, attribute: 'vm_state' | 'task_state'): ApiError {
  const state = attribute === 'vm_state' ? server.vmState : server.taskState;
  return conflict(`Cannot '${action}' instance ${server.id} while it is in ${attribute} ${state}`);
}

export const computeUnavailable = (host: string): string =>
  `Compute service of ${host} is unavailable at this time.`;

export { conflict, notFound };
