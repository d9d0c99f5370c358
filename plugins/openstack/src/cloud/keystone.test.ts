import test from 'ava';
import { fixture } from '../testing/fixtures.test.util.js';
import { endpointUrl } from './catalog.js';
import { authenticationBody, identityUrl, issuedToken, type TokenBody } from './keystone.js';

const authUrl = 'http://k:5000/v3';

test('asks for a token as recorded', (t) => {
  const { request } = fixture('keystone-token-and-catalog');
  const body = authenticationBody({
    authUrl,
    username: 'admin',
    password: 'secret',
    userDomainName: 'Default',
    projectName: 'admin',
    projectDomainName: 'Default',
  });
  t.deepEqual(body, request.body);
});

for (const [name, credentials, expected] of [
  [
    'ids need no domains',
    { userId: 'u', password: 'p', projectId: 'i' },
    {
      auth: {
        identity: { methods: ['password'], password: { user: { id: 'u', password: 'p' } } },
        scope: { project: { id: 'i' } },
      },
    },
  ],
  [
    'system scope',
    { userId: 'u', password: 'p', systemScope: 'all', projectId: 'i' },
    {
      auth: {
        identity: { methods: ['password'], password: { user: { id: 'u', password: 'p' } } },
        scope: { system: { all: true } },
      },
    },
  ],
  [
    'application credential by id: no scope',
    { applicationCredentialId: 'a', applicationCredentialSecret: 's', projectName: 'p' },
    {
      auth: {
        identity: { methods: ['application_credential'], application_credential: { id: 'a', secret: 's' } },
      },
    },
  ],
  [
    'application credential by name: with its user',
    { applicationCredentialName: 'a', applicationCredentialSecret: 's', username: 'u', userDomainId: 'd' },
    {
      auth: {
        identity: {
          methods: ['application_credential'],
          application_credential: { name: 'a', secret: 's', user: { name: 'u', domain: { id: 'd' } } },
        },
      },
    },
  ],
  [
    "the project's domain is the user's unless given",
    { username: 'u', password: 'p', userDomainId: 'd', projectName: 'x' },
    {
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: 'u', domain: { id: 'd' }, password: 'p' } },
        },
        scope: { project: { name: 'x', domain: { id: 'd' } } },
      },
    },
  ],
] as const)
  test(`authentication: ${name}`, (t) => {
    t.deepEqual(authenticationBody({ authUrl, ...credentials }), expected);
  });

test('authentication: what is missing is named', (t) => {
  t.throws(() => authenticationBody({ authUrl, username: 'u' }), {
    message: /lack username .* and password/,
  });
  t.throws(() => authenticationBody({ authUrl, applicationCredentialSecret: 's' }), {
    message: /application_credential_id/,
  });
});

test('Keystone with and without /v3', (t) => {
  for (const url of [
    'http://k:5000',
    'http://k:5000/',
    'http://k:5000/v3',
    'http://k:5000/v3/',
    'http://k:5000/v2.0',
  ])
    t.is(identityUrl(url), authUrl);
  t.is(identityUrl('https://cloud/identity'), 'https://cloud/identity/v3');
});

test('reads the recorded token and finds every service in its catalog', (t) => {
  const body = fixture('keystone-token-and-catalog').response.body as TokenBody;
  const token = issuedToken('secret', body, 0);
  t.true(token.info.roles.includes('admin'));
  t.truthy(token.info.projectId);
  t.is(endpointUrl('compute', token.catalog, { authUrl }), 'http://127.0.0.1:8774/v2.1');
  t.is(endpointUrl('alarming', token.catalog, { authUrl, interface: 'internal' }), 'http://127.0.0.1:8042');
  t.is(
    endpointUrl('network', token.catalog, { authUrl, endpointOverrides: { network: 'http://n:1' } }),
    'http://n:1',
  );
  t.throws(() => endpointUrl('compute', token.catalog, { authUrl, regionName: 'Nowhere' }), {
    message: /no public endpoint in region Nowhere for compute; it has .*public in RegionOne/,
  });
  t.throws(() => endpointUrl('policy', token.catalog, { authUrl }), {
    message: /it has the services .*compute/,
  });
  t.throws(() => endpointUrl('policy', [], { authUrl }), { message: /scoped to a project/ });
  t.throws(() => issuedToken(undefined, body, 0), { message: /without a token/ });
});
