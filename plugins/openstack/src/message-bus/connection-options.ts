import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { DoctorError } from '@nfv-doctor/core/plugin-api';
import type { ConnectionOptions, ConsumerProps } from 'rabbitmq-client';
import type { RabbitConfig } from './config.js';
import type { Exchange } from './exchanges.js';
import type { Broker } from './transport-url.js';

const RETRY_FIRST_MS = 100;

/** @throws DoctorError CONFIG_FILE, CONFIG_INVALID */
export function connectionOptions(
  broker: Broker,
  config: RabbitConfig,
  configFolder: string,
): ConnectionOptions {
  const { hosts, username, password, vhost } = broker;
  const [first] = hosts;
  const places = hosts.map(({ hostname, port }) => `${hostname}:${port}`);
  if (hosts.length > 1 && hosts.some(({ hostname }) => hostname.includes(':')))
    throw new DoctorError(
      'CONFIG_INVALID',
      'message_bus.transport_url has several hosts with IPv6 addresses: give names instead',
    );
  return {
    ...(hosts.length > 1 ? { hosts: places } : { hostname: first?.hostname ?? '', port: first?.port ?? 0 }),
    username,
    password,
    vhost,
    connectionName: 'doctor',
    heartbeat: Math.max(1, Math.round(config.heartbeat / 1_000)),
    connectionTimeout: config.connect_timeout,
    acquireTimeout: config.publish_timeout,
    retryLow: RETRY_FIRST_MS,
    retryHigh: Math.max(RETRY_FIRST_MS, config.reconnect_max_delay),
    noDelay: true,
    ...(broker.tls ? { tls: tlsOf(config, configFolder) } : {}),
  };
}

function tlsOf({ cacert, insecure }: RabbitConfig, configFolder: string) {
  if (!cacert) return { rejectUnauthorized: !insecure };
  const path = isAbsolute(cacert) ? cacert : join(configFolder, cacert);
  try {
    return { rejectUnauthorized: !insecure, ca: readFileSync(path, 'utf8') };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new DoctorError('CONFIG_FILE', `cannot read message_bus.cacert ${path}: ${code}`);
  }
}

/** A queue of our own, bound to the topics: listening to the services' queues would take Ceilometer's messages away. */
export function consumerProps(config: RabbitConfig, exchanges: readonly Exchange[]): ConsumerProps {
  const { queue, topics, priorities } = config;
  const listened = exchanges.filter(({ exchange }) => config.exchanges.includes(exchange));
  const keys = topics.flatMap((topic) => priorities.map((priority) => `${topic}.${priority}`));
  return {
    queue,
    queueOptions: queue
      ? { durable: true, arguments: { 'x-expires': config.queue_expires } }
      : { exclusive: true, autoDelete: true },
    exchanges: [...exchanges],
    queueBindings: listened.flatMap(({ exchange }) =>
      keys.map((routingKey) => ({ exchange, routingKey, queue })),
    ),
    qos: { prefetchCount: config.prefetch },
  };
}
