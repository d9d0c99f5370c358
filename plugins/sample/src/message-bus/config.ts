import type { ConfigValues } from '@nfv-doctor/core/plugin-api';

/** Section `message_bus` of type `sample`. */
export const messageBusConfig = {
  listen: {
    doc: 'port on which other processes join this bus over HTTP; 0: a free one; -1: they cannot',
    format: 'int',
    default: -1,
  },
  host: { doc: 'address to listen on', format: String, default: '127.0.0.1' },
  connect: {
    doc: 'URL of the process whose bus this one joins (its message_bus.listen); empty: this process has its own',
    format: 'url_or_empty',
    default: '',
  },
  token: {
    doc: 'token that other processes bring, and this one when it joins; a must when listening beyond loopback',
    format: String,
    default: '',
    sensitive: true,
  },
  history: {
    doc: 'notifications kept for a process that joins again after its connection was lost',
    format: 'nat',
    default: 10_000,
  },
  connect_timeout: { doc: 'how long to try to join at the start', format: 'duration', default: 10_000 },
  request_timeout: {
    doc: 'how long handing over one notification may take',
    format: 'duration',
    default: 5000,
  },
  heartbeat: {
    doc: 'how often a sign of life is sent to joined processes; three missed ones are a lost connection',
    format: 'duration',
    default: 2000,
  },
};
export type MessageBusConfig = ConfigValues<typeof messageBusConfig>;
