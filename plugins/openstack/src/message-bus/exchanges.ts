import type { Connection } from 'rabbitmq-client';

/** How an exchange is declared, to be repeated after each reconnection. */
export interface Exchange {
  exchange: string;
  type: 'topic';
  durable: boolean;
  autoDelete: boolean;
}

/** oslo.messaging's default first (amqp_durable_queues, amqp_auto_delete). */
const FORMS = [
  { durable: false, autoDelete: false },
  { durable: true, autoDelete: false },
  { durable: false, autoDelete: true },
  { durable: true, autoDelete: true },
] as const;

/**
 * Declares a topic exchange the way the cloud's services did: an exchange that exists with other properties refuses the
 * declaration, and which ones the cloud uses is its own configuration.
 */
export async function declareExchange(connection: Connection, exchange: string): Promise<Exchange> {
  let refused: unknown;
  for (const form of FORMS) {
    const declaration: Exchange = { exchange, type: 'topic', ...form };
    try {
      await connection.exchangeDeclare(declaration);
      return declaration;
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'PRECONDITION_FAILED') throw error;
      refused = error;
    }
  }
  throw refused;
}
