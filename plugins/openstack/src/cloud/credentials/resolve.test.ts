import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CloudCredentials, DoctorError } from '@nfv-doctor/core/plugin-api';
import test, { type ExecutionContext } from 'ava';
import { configOf } from '../../testing/fake-cloud.test.util.js';
import { cloudConfig } from '../config.js';
import { resolveCredentials } from './resolve.js';

interface Situation {
  /** Content by path: `cwd/clouds.yaml`, `home/.config/openstack/secure.yaml`. */
  files?: Record<string, string>;
  env?: Record<string, string>;
  section?: Record<string, unknown>;
  installer?: CloudCredentials;
}

async function resolve(t: ExecutionContext, { files = {}, env = {}, section = {}, installer }: Situation) {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-clouds-'));
  t.teardown(() => rm(folder, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  for (const [key, value] of Object.entries(env)) env[key] = value.replace('FOLDER', folder);
  return resolveCredentials({
    section: configOf(cloudConfig, section),
    env,
    cwd: join(folder, 'cwd'),
    home: join(folder, 'home'),
    installer: async () => installer,
  });
}

const clouds = (...names: string[]) =>
  `clouds:\n${names
    .map(
      (name) =>
        `  ${name}:\n    region_name: One\n    auth: {auth_url: "http://${name}:5000/v3", username: u, password: from-file, project_name: p, user_domain_name: Default}\n`,
    )
    .join('')}`;
const ENVIRONMENT = {
  OS_AUTH_URL: 'http://env:5000/v3',
  OS_USERNAME: 'env',
  OS_PASSWORD: 'from-env',
  OS_PROJECT_NAME: 'p',
};

test("an installer's credentials win over everything; the section may say how to reach the endpoints", async (t) => {
  const found = await resolve(t, {
    files: { 'cwd/clouds.yaml': clouds('a') },
    env: { ...ENVIRONMENT, OS_CLOUD: 'a' },
    section: {
      auth_url: 'http://section:5000',
      username: 'section',
      endpoint_overrides: { alarming: 'http://x:1' },
      interface: 'internal',
    },
    installer: { authUrl: 'http://embedded:1/v3', username: 'admin', password: 'p', projectName: 'admin' },
  });
  t.deepEqual(found, {
    authUrl: 'http://embedded:1/v3',
    username: 'admin',
    password: 'p',
    projectName: 'admin',
    interface: 'internal',
    endpointOverrides: { alarming: 'http://x:1' },
  });
});

test('OS_CLOUD chooses a cloud of clouds.yaml, and OS_* variables do not mix in', async (t) => {
  const found = await resolve(t, {
    files: { 'cwd/clouds.yaml': clouds('a', 'b') },
    env: { ...ENVIRONMENT, OS_CLOUD: 'b' },
  });
  t.like(found, {
    authUrl: 'http://b:5000/v3',
    username: 'u',
    password: 'from-file',
    regionName: 'One',
    userDomainName: 'Default',
  });
});

test('without OS_CLOUD the OS_* variables are the cloud', async (t) => {
  const found = await resolve(t, {
    files: { 'cwd/clouds.yaml': clouds('a', 'b') },
    env: {
      ...ENVIRONMENT,
      OS_INSECURE: 'true',
      OS_ENDPOINT_TYPE: 'internalURL',
      OS_COMPUTE_ENDPOINT_OVERRIDE: 'http://nova:1/v2.1',
    },
  });
  t.deepEqual(found, {
    authUrl: 'http://env:5000/v3',
    username: 'env',
    password: 'from-env',
    projectName: 'p',
    insecure: true,
    interface: 'internal',
    endpointOverrides: { compute: 'http://nova:1/v2.1' },
  });
});

test('the section of the configuration wins over the chosen cloud', async (t) => {
  const found = await resolve(t, {
    files: { 'cwd/clouds.yaml': clouds('a', 'b') },
    section: { cloud: 'a', region_name: 'Two', password: 'from-section' },
  });
  t.like(found, { authUrl: 'http://a:5000/v3', regionName: 'Two', password: 'from-section', username: 'u' });
});

test('the only cloud, or the one called openstack, needs no choice', async (t) => {
  t.is((await resolve(t, { files: { 'cwd/clouds.yaml': clouds('a') } })).authUrl, 'http://a:5000/v3');
  t.is(
    (await resolve(t, { files: { 'cwd/clouds.yaml': clouds('a', 'openstack') } })).authUrl,
    'http://openstack:5000/v3',
  );
  const error = await t.throwsAsync(resolve(t, { files: { 'cwd/clouds.yaml': clouds('a', 'b') } }));
  t.regex(error?.message ?? '', /several clouds \(a, b\): choose one with OS_CLOUD/);
});

test('clouds.yaml: OS_CLIENT_CONFIG_FILE, then the current folder, then the home', async (t) => {
  const files = {
    'cwd/clouds.yaml': clouds('current'),
    'home/.config/openstack/clouds.yaml': clouds('home'),
    'elsewhere/my.yaml': clouds('given'),
  };
  t.is(
    (await resolve(t, { files, env: { OS_CLIENT_CONFIG_FILE: 'FOLDER/elsewhere/my.yaml' } })).authUrl,
    'http://given:5000/v3',
  );
  t.is((await resolve(t, { files })).authUrl, 'http://current:5000/v3');
  const { 'cwd/clouds.yaml': _, ...rest } = files;
  t.is((await resolve(t, { files: rest })).authUrl, 'http://home:5000/v3');
});

test('secure.yaml is merged in and wins', async (t) => {
  const found = await resolve(t, {
    files: {
      'cwd/clouds.yaml': clouds('a'),
      'home/.config/openstack/secure.yaml': 'clouds: {a: {auth: {password: from-secure}}}',
    },
  });
  t.like(found, { username: 'u', password: 'from-secure' });
});

test('application credential, system scope, regions, verify: false', async (t) => {
  const application = await resolve(t, {
    files: {
      'cwd/clouds.yaml':
        'clouds: {a: {auth_type: v3applicationcredential, verify: false, regions: [{name: R1}, R2], auth: {auth_url: "http://a", application_credential_id: i, application_credential_secret: s}}}',
    },
  });
  t.deepEqual(application, {
    authUrl: 'http://a',
    applicationCredentialId: 'i',
    applicationCredentialSecret: 's',
    insecure: true,
    regionName: 'R1',
  });
  const system = await resolve(t, { env: { ...ENVIRONMENT, OS_SYSTEM_SCOPE: 'all' } });
  t.is(system.systemScope, 'all');
});

for (const [name, situation, message] of [
  ['nothing', {}, /no credentials of the cloud: set OS_CLOUD/],
  [
    'a cloud that is not there',
    { files: { 'cwd/clouds.yaml': clouds('a') }, env: { OS_CLOUD: 'z' } },
    /cloud z is not in .*clouds\.yaml; it has: a/,
  ],
  [
    'OS_CLOUD without a file',
    { env: { OS_CLOUD: 'z', OS_CLIENT_CONFIG_FILE: '' } },
    /no clouds\.yaml was found/,
  ],
  [
    'a broken file',
    { files: { 'cwd/clouds.yaml': 'clouds: {a: {auth: {password: hush' } },
    /is not valid YAML/,
  ],
  ['a file without clouds', { files: { 'cwd/clouds.yaml': 'x: 1' } }, /no "clouds" section/],
  [
    'no auth_url',
    { files: { 'cwd/clouds.yaml': 'clouds: {a: {auth: {username: u}}}' } },
    /auth_url is missing/,
  ],
  [
    'an auth_url that is none',
    { env: { ...ENVIRONMENT, OS_AUTH_URL: 'keystone' } },
    /auth_url must be an http or https URL/,
  ],
  [
    'a plugin we lack',
    { env: { ...ENVIRONMENT, OS_AUTH_TYPE: 'v3kerberos' } },
    /auth_type v3kerberos is not supported/,
  ],
  ['a strange interface', { env: { ...ENVIRONMENT, OS_INTERFACE: 'secret' } }, /public, internal or admin/],
] as const satisfies readonly (readonly [string, Situation, RegExp])[])
  test(`refuses ${name}`, async (t) => {
    const error = await t.throwsAsync(resolve(t, situation));
    t.true(DoctorError.is(error));
    t.regex(error?.message ?? '', message);
    t.notRegex(error?.message ?? '', /hush|from-/);
  });
