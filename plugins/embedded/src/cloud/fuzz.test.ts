import * as fc from 'fast-check';
import test from 'ava';
import { send, startTestBed } from './cloud.test.helper.js';

/** Operations that read a body, with the key of the object in it. */
const OPERATIONS: [service: string, method: string, path: string, key: string][] = [
  ['identity', 'POST', '/auth/tokens', 'auth'],
  ['identity', 'POST', '/projects', 'project'],
  ['identity', 'POST', '/users', 'user'],
  ['identity', 'POST', '/roles', 'role'],
  ['identity', 'POST', '/users/$user/application_credentials', 'application_credential'],
  ['compute', 'POST', '/servers', 'server'],
  ['compute', 'PUT', '/servers/$server', 'server'],
  ['compute', 'POST', '/servers/$server/action', 'os-resetState'],
  ['compute', 'POST', '/servers/$server/action', 'os-migrateLive'],
  ['compute', 'POST', '/servers/$server/action', 'migrate'],
  ['compute', 'POST', '/servers/$server/action', 'evacuate'],
  ['compute', 'POST', '/servers/$server/action', 'resize'],
  ['compute', 'POST', '/servers/$server/metadata', 'metadata'],
  ['compute', 'PUT', '/os-services/force-down', 'host'],
  ['compute', 'PUT', '/os-services/disable-log-reason', 'host'],
  ['compute', 'POST', '/flavors', 'flavor'],
  ['compute', 'POST', '/os-server-groups', 'server_group'],
  ['compute', 'PUT', '/os-quota-sets/$project', 'quota_set'],
  ['network', 'POST', '/v2.0/networks', 'network'],
  ['network', 'POST', '/v2.0/subnets', 'subnet'],
  ['network', 'POST', '/v2.0/ports', 'port'],
  ['network', 'POST', '/v2.0/routers', 'router'],
  ['network', 'POST', '/v2.0/floatingips', 'floatingip'],
  ['network', 'POST', '/v2.0/security-groups', 'security_group'],
  ['network', 'POST', '/v2.0/security-group-rules', 'security_group_rule'],
  ['network', 'PUT', '/v2.0/quotas/$project', 'quota'],
  ['network', 'PUT', '/v2.0/ports/$port', 'port'],
  ['image', 'POST', '/v2/images', 'name'],
  ['image', 'PATCH', '/v2/images/$image', 'name'],
];

/** Fields that are likely to be read, so that the values get past the first check. */
const FIELDS = [
  'name',
  'id',
  'identity',
  'scope',
  'methods',
  'password',
  'state',
  'host',
  'binary',
  'forced_down',
  'block_migration',
  'flavorRef',
  'imageRef',
  'networks',
  'min_count',
  'max_count',
  'metadata',
  'availability_zone',
  'network_id',
  'cidr',
  'ip_version',
  'fixed_ips',
  'allocation_pools',
  'port_id',
  'floating_network_id',
  'external_gateway_info',
  'data_plane_status',
  'policies',
  'rules',
  'roles',
  'expires_at',
  'instances',
  'vcpus',
  'ram',
  'op',
  'path',
];

test('random bodies get an answer below 500 everywhere, and never break the cloud', async (t) => {
  t.timeout(120_000);
  const { admin, boot, imageId } = await startTestBed(t, { quota: { instances: 3 } });
  const { id: networkId } = (await admin.neutron('GET', '/networks?name=net')).body.networks[0];
  const server = await boot(admin, { networks: [{ uuid: networkId }] });
  const port = (await admin.neutron('GET', `/ports?device_id=${server.id}`)).body.ports[0].id;
  const names: Record<string, string> = {
    $server: server.id,
    $port: port,
    $image: imageId,
    $user: admin.id,
    $project: admin.projectId,
  };
  const known = fc.constantFrom<unknown>(
    networkId,
    imageId,
    '1',
    'compute-1',
    'nova-compute',
    '10.3.0.0/24',
    4,
    1,
    true,
    null,
  );
  const value = fc.oneof(known, fc.jsonValue({ maxDepth: 2 }));
  const fields = fc.dictionary(fc.constantFrom(...FIELDS), value, { maxKeys: 8 });
  const body = fc.oneof({ weight: 4, arbitrary: fields }, { weight: 1, arbitrary: value });
  const wrapped = fc.constantFrom('object', 'bare', 'list', 'broken');
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...OPERATIONS),
      body,
      wrapped,
      async ([service, method, path, key], given, form) => {
        const url = `${admin.endpoints[service]}${path.replaceAll(/\$\w+/g, (name) => names[name] ?? name)}`;
        const json = JSON.stringify(form === 'object' ? { [key]: given } : form === 'list' ? [given] : given);
        const headers = { 'X-Auth-Token': admin.token, 'Content-Type': 'application/json' };
        const reply = await send(url, method, headers, form === 'broken' ? json.slice(0, -1) : json);
        if (reply.status >= 500) throw new Error(`${reply.status}: ${JSON.stringify(reply.body)}`);
      },
    ),
    { numRuns: 1500, seed: 4 },
  );
  t.is((await admin.nova('GET', '/servers/detail?all_tenants=1')).status, 200);
  t.is((await admin.neutron('GET', '/ports')).status, 200);
});

test('odd query parameters are refused or passed over, never a failure', async (t) => {
  const { admin } = await startTestBed(t);
  for (const query of [
    'limit=-1',
    'limit=x',
    'marker=x',
    'all_tenants=perhaps',
    'name=(',
    'changes-since=x',
    'sort_key=x',
    'limit=1&limit=2',
  ]) {
    t.true((await admin.nova('GET', `/servers/detail?${query}`)).status < 500, query);
    t.true((await admin.neutron('GET', `/ports?${query}`)).status < 500, query);
    t.true((await admin.call('image', 'GET', `/v2/images?${query}`)).status < 500, query);
    t.true((await admin.nova('GET', `/flavors/detail?${query}`)).status < 500, query);
  }
});
