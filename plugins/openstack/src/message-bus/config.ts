import type { ConfigValues } from '@nfv-doctor/core/plugin-api';

/** Configuration section `message_bus` with type `rabbitmq`. */
export const rabbitConfig = {
  transport_url: {
    doc: "Broker as in the services' transport_url: rabbit://user:password@host:5672[,user:password@host2:5672]/vhost",
    format: String,
    default: '',
    sensitive: true,
  },
  exchanges: {
    doc: "Topic exchanges to listen to: each service's control_exchange",
    format: 'strings',
    default: ['nova', 'neutron', 'openstack'] as string[],
  },
  topics: {
    doc: "Topics to listen to; versioned_notifications has Nova's versioned ones",
    format: 'strings',
    default: ['notifications', 'versioned_notifications'] as string[],
  },
  priorities: {
    doc: 'Priorities to listen to',
    format: 'strings',
    default: ['info'] as string[],
  },
  publish_exchange: {
    doc: 'Topic exchange that Doctor publishes to; Ceilometer listens to this one',
    format: String,
    default: 'openstack',
  },
  publish_topic: { doc: 'Topic that Doctor publishes to', format: String, default: 'notifications' },
  feed_services: {
    doc: "Bind the services' queues <publish_topic>.<priority>, where there are any, to publish_exchange, as every publisher of oslo.messaging does: Ceilometer hears what Doctor publishes only so",
    format: Boolean,
    default: true,
  },
  loopback: {
    doc: "Hand what Doctor publishes to its own listeners at once, not only when the broker sends it back; the broker's copy is then dropped as a duplicate",
    format: Boolean,
    default: true,
  },
  loopback_head_start: {
    doc: "How long the broker's copy of a fault's notification waits when an own listener is at work upon it: the cloud's telemetry, which the copy wakes, then takes the processor neither from the alarms nor from force-down",
    format: 'duration',
    default: 100,
  },
  driver: {
    doc: "Envelope of what is published: messagingv2 (as today's services) or messaging (bare)",
    format: ['messagingv2', 'messaging'],
    default: 'messagingv2',
  },
  queue: {
    doc: 'Name of a durable queue that keeps notifications while Doctor is away; empty: a queue that ends with the connection',
    format: String,
    default: '',
  },
  queue_expires: {
    doc: 'How long the durable queue outlives Doctor, so that a forgotten one does not fill the broker',
    format: 'duration',
    default: 3_600_000,
  },
  prefetch: { doc: 'Notifications that may be in work at once', format: 'count', default: 500 },
  handler_timeout: {
    doc: 'How long a notification waits for its handlers before it counts as taken',
    format: 'duration',
    default: 30_000,
  },
  heartbeat: {
    doc: 'A connection without a sign of life for this long is given up (whole seconds)',
    format: 'duration',
    default: 10_000,
  },
  connect_timeout: { doc: 'Time for the broker to answer at start', format: 'duration', default: 5_000 },
  wait: {
    doc: 'Start although the broker does not answer, and connect when it does',
    format: Boolean,
    default: false,
  },
  reconnect_max_delay: {
    doc: 'Longest pause between two attempts to reconnect',
    format: 'duration',
    default: 2_000,
  },
  publish_timeout: {
    doc: 'How long a notification is tried to be published, over reconnections',
    format: 'duration',
    default: 30_000,
  },
  tls: { doc: 'Use TLS', format: Boolean, default: false },
  cacert: { doc: 'PEM file of the certificate authority', format: String, default: '' },
  insecure: { doc: 'Do not verify the TLS certificate', format: Boolean, default: false },
} as const;

export type RabbitConfig = ConfigValues<typeof rabbitConfig>;
