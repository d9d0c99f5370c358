import test from 'ava';
import { authenticate, byPassword, login, send, startTestBed, User } from '../cloud.test.helper.js';
import type { CloudClock } from '../clock.js';

test('a token is refused for a wrong password, an unknown user and a project without a role', async (t) => {
  const { cloud } = await startTestBed(t);
  const scope = { project: { name: 'admin', domain: { id: 'default' } } };
  for (const identity of [
    byPassword('admin', 'wrong'),
    byPassword('nobody', 'x'),
    byPassword('tenant', 'tenant'),
  ]) {
    const reply = await authenticate(cloud, identity, scope);
    t.is(reply.status, 401);
    t.deepEqual(reply.body, {
      error: {
        code: 401,
        message: 'The request you have made requires authentication.',
        title: 'Unauthorized',
      },
    });
  }
  const empty = await authenticate(cloud, { methods: [] });
  t.is(empty.status, 400);
});

test('a token expires, and services refuse it from then on', async (t) => {
  let ahead = 0;
  const clock: CloudClock = {
    now: () => Date.now() + ahead,
    monotonic: () => performance.now() + ahead,
    setTimeout: (callback, ms) => {
      const timer = setTimeout(callback, ms);
      return { cancel: () => clearTimeout(timer) };
    },
  };
  const { member, cloud } = await startTestBed(t, { clock, tokenLifetimeMs: 60_000 });
  t.is((await member.nova('GET', '/servers')).status, 200);
  ahead = 60_001;
  const refused = await member.nova('GET', '/servers');
  t.is(refused.status, 401);
  t.is(refused.headers.get('www-authenticate'), `Keystone uri="${cloud.identityUrl}"`);
  t.truthy(refused.headers.get('x-openstack-request-id'));
  const again = await login(cloud, 'tenant', 'tenant', 'tenant');
  t.is((await again.nova('GET', '/servers')).status, 200);
});

test('an application credential authenticates with the roles it was given, and no more once it is deleted', async (t) => {
  const { cloud, admin } = await startTestBed(t);
  const created = await admin.keystone('POST', `/users/${admin.id}/application_credentials`, {
    application_credential: { name: 'reader', roles: [{ name: 'reader' }] },
  });
  t.is(created.status, 201);
  const { id, secret } = created.body.application_credential;
  const identity = { methods: ['application_credential'], application_credential: { id, secret } };
  const reply = await authenticate(cloud, identity);
  t.is(reply.status, 201);
  t.deepEqual(
    reply.body.token.roles.map((role: { name: string }) => role.name),
    ['reader'],
  );
  const reader = new User(reply.headers.get('x-subject-token') ?? '', reply.body);
  t.is((await reader.nova('GET', '/os-services')).status, 403);

  const wrong = { methods: ['application_credential'], application_credential: { id, secret: `${secret}x` } };
  t.is((await authenticate(cloud, wrong)).status, 401);
  await admin.keystone('DELETE', `/users/${admin.id}/application_credentials/${id}`);
  t.is((await authenticate(cloud, identity)).status, 401);
  t.is((await reader.nova('GET', '/servers')).status, 401);
});

test('a member may not manage projects, users and roles', async (t) => {
  const { member } = await startTestBed(t);
  const reply = await member.keystone('POST', '/projects', { project: { name: 'mine' } });
  t.is(reply.status, 403);
  t.is(
    reply.body.error.message,
    'You are not authorized to perform the requested action: identity:create_project.',
  );
  t.is((await member.keystone('GET', '/users')).status, 403);
  t.is((await member.keystone('GET', `/projects/${member.projectId}`)).status, 200);
});

test('a name is taken once, and a deleted project ends its tokens', async (t) => {
  const { admin, member } = await startTestBed(t);
  t.is((await admin.keystone('POST', '/projects', { project: { name: 'tenant' } })).status, 409);
  t.is((await admin.keystone('POST', '/users', { user: { name: 'tenant', password: 'x' } })).status, 409);
  t.is((await admin.keystone('DELETE', `/projects/${member.projectId}`)).status, 204);
  t.is((await member.nova('GET', '/servers')).status, 401);
});

test('malformed bodies and unknown paths get a JSON error', async (t) => {
  const { cloud, admin } = await startTestBed(t);
  const headers = { 'Content-Type': 'application/json', 'X-Auth-Token': admin.token };
  const malformed = await send(`${cloud.identityUrl}/auth/tokens`, 'POST', headers, '{"auth":');
  t.is(malformed.status, 400);
  t.is(malformed.body.error.title, 'Bad Request');
  t.is((await admin.keystone('GET', '/nowhere')).status, 404);
  t.is((await admin.nova('GET', '/nowhere')).body.code, '404 Not Found');
});
