import { DoctorError } from '@nfv-doctor/core/plugin-api';

/** Where the broker is, from an oslo.messaging transport URL. */
export interface Broker {
  hosts: { hostname: string; port: number }[];
  username: string;
  password: string;
  vhost: string;
  tls: boolean;
}

const URL_SHAPE = /^(rabbit|kombu|amqp|amqps):\/\/([^/?#]*)(?:\/([^?#]*))?(?:[?#].*)?$/;
const PORT = 5672;
const TLS_PORT = 5671;

/**
 * Parses `rabbit://user:password@host:port[,user:password@host:port]/vhost`; parts may be percent-encoded.
 * @throws DoctorError CONFIG_INVALID; never shows the URL, which has a password
 */
export function parseTransportUrl(url: string, tls = false): Broker {
  const match = URL_SHAPE.exec(url.trim());
  if (!match)
    throw invalid(
      url === ''
        ? 'is missing: give the transport_url of your services, rabbit://user:password@host:5672/'
        : 'is not of the shape rabbit://user:password@host:5672/vhost',
    );
  const [, scheme, authority = '', path = ''] = match;
  const isTls = tls || scheme === 'amqps';
  const nodes = authority.split(',').map((node) => parseNode(node.trim(), isTls ? TLS_PORT : PORT));
  const users = new Set(nodes.flatMap(({ user }) => (user === undefined ? [] : [user])));
  if (users.size > 1) throw invalid('has different users for its hosts; one user must do for all');
  const [username = 'guest', password = 'guest'] = [...users][0]?.split(':').map(decode) ?? [];
  return {
    hosts: nodes.map(({ hostname, port }) => ({ hostname, port })),
    username,
    password,
    vhost: decode(path) || '/',
    tls: isTls,
  };
}

function parseNode(node: string, defaultPort: number) {
  const at = node.lastIndexOf('@');
  const user = at < 0 ? undefined : node.slice(0, at);
  const place = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::(\d+))?$/.exec(node.slice(at + 1));
  const port = Number(place?.[2] ?? defaultPort);
  if (!place?.[1] || port < 1 || port > 65_535) throw invalid('has a host that is not host or host:port');
  return { user, hostname: place[1].replace(/^\[|\]$/g, ''), port };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('has a % that begins no percent-encoded character');
  }
}

/** `broker-1:5672, broker-2:5672`, for messages. */
export const placeOf = ({ hosts }: Broker): string =>
  hosts.map(({ hostname, port }) => `${hostname}:${port}`).join(', ');

const invalid = (what: string) => new DoctorError('CONFIG_INVALID', `message_bus.transport_url ${what}`);
