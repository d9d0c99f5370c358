import { systemClock } from '@nfv-doctor/core/testing';
import test from 'ava';
import { startFakeCloud } from '../testing/fake-cloud.test.util.js';
import { fixture } from '../testing/fixtures.test.util.js';
import { createSession } from '../testing/session.test.util.js';
import { KeystoneController } from './identity.js';

async function setUp(t: import('ava').ExecutionContext) {
  const cloud = await startFakeCloud();
  const { session } = createSession(
    systemClock,
    cloud.url,
    {},
    { endpointOverrides: { identity: cloud.url } },
  );
  t.teardown(async () => {
    await session.stop();
    await cloud.close();
  });
  await session.token();
  cloud.on('GET /v3/roles', { json: fixture('keystone-roles').response.body });
  cloud.on('POST /v3/projects', { status: 201, json: { project: { id: 'p1', name: 'vnf' } } });
  cloud.on('POST /v3/users', { status: 201, json: { user: { id: 'u1', name: 'vnfm' } } });
  const member = 'ce7ddc8aabe847afa4d0ce15488ebf01';
  cloud.on(`PUT /v3/projects/p1/users/u1/roles/${member}`, { status: 204 });
  for (const path of ['/v3/projects/p1', '/v3/users/u1']) cloud.on(`DELETE ${path}`, { status: 204 });
  return { cloud, identity: new KeystoneController(session), member };
}
const request = { project: 'vnf', user: 'vnfm', password: 'owner-secret' };

test('an owner: project, user and role, with credentials that need no domain', async (t) => {
  const { cloud, identity, member } = await setUp(t);
  const owner = await identity.createOwner(request);
  t.deepEqual(owner, {
    projectId: 'p1',
    userId: 'u1',
    credentials: {
      authUrl: `${cloud.url}/v3`,
      username: 'vnfm',
      userId: 'u1',
      password: 'owner-secret',
      projectName: 'vnf',
      projectId: 'p1',
    },
  });
  t.is(cloud.count(`PUT /v3/projects/p1/users/u1/roles/${member}`), 1);
  const groups = [
    { id: 'sg1', name: 'default', project_id: 'p1' },
    { id: 'sg2', name: 'default', project_id: 'somebody-else' },
  ];
  cloud.on('GET /network/v2.0/security-groups', { json: { security_groups: groups } });
  for (const { id } of groups) cloud.on(`DELETE /network/v2.0/security-groups/${id}`, { status: 204 });
  await identity.deleteOwner(owner);
  t.is(cloud.count('DELETE /network/v2.0/security-groups/sg1'), 1);
  t.is(cloud.count('DELETE /network/v2.0/security-groups/sg2'), 0);
  t.is(cloud.count('DELETE /v3/users/u1'), 1);
  t.is(cloud.count('DELETE /v3/projects/p1'), 1);
});

test('when the role cannot be given nothing is left behind', async (t) => {
  const { cloud, identity, member } = await setUp(t);
  cloud.on(`PUT /v3/projects/p1/users/u1/roles/${member}`, {
    status: 403,
    json: { error: { message: 'no' } },
  });
  await t.throwsAsync(identity.createOwner(request), { message: /answered 403: no/ });
  t.is(cloud.count('DELETE /v3/users/u1'), 1);
  t.is(cloud.count('DELETE /v3/projects/p1'), 1);
});

test('a role that does not exist: nothing is made', async (t) => {
  const { cloud, identity } = await setUp(t);
  await t.throwsAsync(identity.createOwner({ ...request, role: 'tester' }), {
    message: /no role tester; it has: .*member/,
  });
  t.is(cloud.count('POST /v3/projects'), 0);
});
