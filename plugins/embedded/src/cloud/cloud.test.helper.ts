import assert from 'node:assert/strict';
import { createEmbeddedCloud, type EmbeddedCloud } from './cloud.js';
import type { CloudNotification } from './notifications/notifications.js';
import type { EmbeddedCloudOptions } from './options.js';

/** A reply as tests look at it. */
export interface Reply {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read bodies of every shape
  body: any;
  headers: Headers;
}

/** Somebody with a token. */
export class User {
  readonly endpoints: Record<string, string>;
  readonly token: string;
  readonly id: string;
  readonly projectId: string;
  version = '2.53';

  constructor(
    token: string,
    body: { token: { catalog: never[]; user: { id: string }; project?: { id: string } } },
  ) {
    this.token = token;
    this.id = body.token.user.id;
    this.projectId = body.token.project?.id ?? '';
    const entries = (body.token.catalog as { type: string; endpoints: { url: string }[] }[]).map(
      ({ type, endpoints }) => [type, endpoints[0]?.url ?? ''],
    );
    this.endpoints = Object.fromEntries(entries);
  }

  async call(
    service: string,
    method: string,
    path: string,
    body?: unknown,
    version = this.version,
  ): Promise<Reply> {
    const headers: Record<string, string> = { 'X-Auth-Token': this.token };
    if (service === 'compute') headers['OpenStack-API-Version'] = `compute ${version}`;
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    return send(`${this.endpoints[service]}${path}`, method, headers, body);
  }

  nova = (method: string, path: string, body?: unknown, version?: string): Promise<Reply> =>
    this.call('compute', method, path, body, version);
  neutron = (method: string, path: string, body?: unknown): Promise<Reply> =>
    this.call('network', method, `/v2.0${path}`, body);
  keystone = (method: string, path: string, body?: unknown): Promise<Reply> =>
    this.call('identity', method, path, body);

  action(serverId: string, body: unknown, version?: string): Promise<Reply> {
    return this.nova('POST', `/servers/${serverId}/action`, body, version);
  }

  /** The server, at the microversion. */
  async server(id: string, version?: string): Promise<Reply['body']> {
    return (await this.nova('GET', `/servers/${id}`, undefined, version)).body.server;
  }
}

/** Sends a request without a token of its own. */
export async function send(
  url: string,
  method: string,
  headers: Record<string, string> = {},
  body?: unknown,
): Promise<Reply> {
  const response = await fetch(url, {
    method,
    headers,
    redirect: 'manual',
    signal: AbortSignal.timeout(20_000),
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') === true && text !== '';
  return { status: response.status, body: json ? JSON.parse(text) : text, headers: response.headers };
}

/** Asks for a token. */
export function authenticate(cloud: EmbeddedCloud, identity: unknown, scope?: unknown): Promise<Reply> {
  const body = { auth: { identity, ...(scope !== undefined && { scope }) } };
  return send(`${cloud.identityUrl}/auth/tokens`, 'POST', { 'Content-Type': 'application/json' }, body);
}

/** Identity by password. */
export const byPassword = (name: string, password: string): unknown => ({
  methods: ['password'],
  password: { user: { name, password, domain: { name: 'Default' } } },
});

/** Logs in with a password. */
export async function login(
  cloud: EmbeddedCloud,
  name: string,
  password: string,
  project: string,
): Promise<User> {
  const scope = { project: { name: project, domain: { id: 'default' } } };
  const reply = await authenticate(cloud, byPassword(name, password), scope);
  assert.equal(reply.status, 201, JSON.stringify(reply.body));
  return new User(reply.headers.get('x-subject-token') ?? '', reply.body);
}

/** What a test of the cloud starts with. */
export interface TestBed {
  cloud: EmbeddedCloud;
  admin: User;
  /** A member of the project `tenant`. */
  member: User;
  networkId: string;
  subnetId: string;
  imageId: string;
  notifications: CloudNotification[];
  /** Makes a server as that user and waits until it is no longer in BUILD. */
  boot(user: User, fields?: Record<string, unknown>, hints?: Record<string, unknown>): Promise<Reply['body']>;
}

/** Starts a cloud with an admin, a member and a network; it stops with the test. */
export async function startTestBed(
  t: { teardown(fn: () => Promise<void>): void },
  options: EmbeddedCloudOptions = {},
): Promise<TestBed> {
  const errors: unknown[] = [];
  const cloud = createEmbeddedCloud({
    network: 'none',
    onError: (_where, error) => errors.push(error),
    ...options,
  });
  const notifications: CloudNotification[] = [];
  await cloud.start();
  t.teardown(async () => {
    await cloud.stop();
    assert.deepEqual(errors, [], 'the cloud had errors of its own');
  });
  const admin = await login(cloud, 'admin', cloud.credentials.password, 'admin');
  const member = await addMember(cloud, admin, 'tenant');
  const network = await member.neutron('POST', '/networks', { network: { name: 'net' } });
  const networkId: string = network.body.network.id;
  const given = { network_id: networkId, ip_version: 4, cidr: '10.9.0.0/16', name: 'subnet' };
  const subnetId: string = (await member.neutron('POST', '/subnets', { subnet: given })).body.subnet.id;
  const imageId: string = (await admin.call('image', 'GET', '/v2/images')).body.images[0].id;
  cloud.onNotification((notification) => notifications.push(notification));

  const boot: TestBed['boot'] = async (user, fields = {}, hints) => {
    const server = {
      name: 'vm',
      flavorRef: '1',
      imageRef: imageId,
      networks: [{ uuid: networkId }],
      ...fields,
    };
    const reply = await user.nova('POST', '/servers', {
      server,
      ...(hints && { 'os:scheduler_hints': hints }),
    });
    assert.equal(reply.status, 202, JSON.stringify(reply.body));
    return until(
      () => user.server(reply.body.server.id),
      (view) => view.status !== 'BUILD',
    );
  };
  return { cloud, admin, member, networkId, subnetId, imageId, notifications, boot };
}

/** Makes a project with a member of the same name; the password is the name too. */
export async function addMember(cloud: EmbeddedCloud, admin: User, name: string): Promise<User> {
  const project = await admin.keystone('POST', '/projects', { project: { name } });
  const user = await admin.keystone('POST', '/users', { user: { name, password: name } });
  const roles = await admin.keystone('GET', '/roles?name=member');
  const path = `/projects/${project.body.project.id}/users/${user.body.user.id}/roles/${roles.body.roles[0].id}`;
  assert.equal((await admin.keystone('PUT', path)).status, 204);
  return login(cloud, name, name, name);
}

/** Waits for a condition; fails after 10 s with what was seen last. */
export async function until<T>(read: () => Promise<T> | T, done: (value: T) => boolean): Promise<T> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const value = await read();
    if (done(value)) return value;
    if (performance.now() > deadline) throw new Error(`not in time; last seen: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
