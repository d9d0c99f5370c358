import { DoctorError } from '@nfv-doctor/core/plugin-api';
import { type Broker, placeOf } from './transport-url.js';

/** What the broker says when waiting will not help. */
const REFUSALS: Record<string, (broker: Broker) => string> = {
  ACCESS_REFUSED: ({ username }) => `refused user ${username}: check user and password`,
  NOT_ALLOWED: ({ vhost, username }) => `has no vhost ${vhost}, or user ${username} may not use it`,
  NOT_FOUND: ({ vhost }) => `has no vhost ${vhost}`,
};

export const codeOf = (error: unknown): string => {
  const found = error instanceof AggregateError ? error.errors[0] : error;
  return String((found as { code?: unknown } | undefined)?.code ?? '');
};

/** The broker refused us for good. */
export function refusal(broker: Broker, error: unknown): DoctorError | undefined {
  const explain = REFUSALS[codeOf(error)];
  if (!explain) return undefined;
  return new DoctorError('BACKEND_ERROR', `RabbitMQ at ${placeOf(broker)} ${explain(broker)}`, {
    cause: error,
  });
}

export function unreachable(broker: Broker, timeoutMs: number, error: unknown): DoctorError {
  const code = codeOf(error);
  return new DoctorError(
    'BACKEND_UNREACHABLE',
    `RabbitMQ at ${placeOf(broker)} did not answer within ${timeoutMs} ms${code ? ` (${code})` : ''}: is it running? Set message_bus.wait to start without it.`,
    { cause: error, retryable: true },
  );
}
