import { randomUUID } from 'node:crypto';
import type { Doctor } from '@nfv-doctor/core';
import { type CloudSession, DoctorError, type ErrorCode } from '@nfv-doctor/core/plugin-api';
import test from 'ava';
import { startOnCloud } from './support/doctor.js';

let doctor: Doctor;
let cloud: CloudSession;

test.before(async () => {
  doctor = await startOnCloud([]);
  cloud = doctor.role('cloud');
});
test.after.always(() => doctor?.stop());

for (const [name, section, code, message] of [
  [
    'a wrong password',
    { password: 'hush-wrong' },
    'CLOUD_AUTH',
    /refused user doctor in project service: .*authentication/,
  ],
  [
    'a project that does not exist',
    { project_name: 'nowhere' },
    'CLOUD_AUTH',
    /refused user doctor in project nowhere/,
  ],
  [
    'a region that does not exist',
    { region_name: 'Nowhere' },
    'CLOUD_ENDPOINT_MISSING',
    /no public endpoint in region Nowhere for compute/,
  ],
  [
    'a Keystone that is not there',
    { auth_url: 'http://127.0.0.1:1/v3', retries: 1 },
    'CLOUD_UNREACHABLE',
    /127\.0\.0\.1:1\/v3.*ECONNREFUSED/,
  ],
  [
    'a Nova that is not there',
    { endpoint_overrides: { compute: 'http://127.0.0.1:1/v2.1' }, retries: 1 },
    'CLOUD_UNREACHABLE',
    /compute: GET http:\/\/127\.0\.0\.1:1\/v2\.1\/.*ECONNREFUSED/,
  ],
] as const satisfies readonly (readonly [string, object, ErrorCode, RegExp])[])
  test(`${name} fails the start with one clear line`, async (t) => {
    const error = await t.throwsAsync(
      startOnCloud(['controller'], { cloud: { cloud: 'doctor', ...section } }),
    );
    t.true(DoctorError.is(error), String(error));
    t.regex(String(error?.message), message);
    t.notRegex(String(error?.message), /hush|\n/);
    t.is((error as unknown as DoctorError).code, code);
  });

test('an application credential is as good as the password', async (t) => {
  const { userId, projectId } = await cloud.identity();
  const path = `/v3/users/${userId}/application_credentials`;
  const secret = randomUUID();
  const json = {
    application_credential: { name: `doctor-${randomUUID()}`, secret, roles: [{ name: 'admin' }] },
  };
  const { body } = await cloud.request<{ application_credential: { id: string } }>('identity', {
    method: 'POST',
    path,
    json,
  });
  const { id } = body.application_credential;
  try {
    const other = cloud.as({ applicationCredentialId: id, applicationCredentialSecret: secret });
    t.like(await other.identity(), { userId, projectId, roles: ['admin'] });
    t.is((await other.request('compute', { method: 'GET', path: '/v2.1/servers' })).status, 200);
  } finally {
    await cloud.request('identity', { method: 'DELETE', path: `${path}/${id}` });
  }
});

test('a scope of the whole system', async (t) => {
  const system = await startOnCloud([], {
    cloud: { cloud: 'doctor-admin', system_scope: 'all' },
  });
  const info = await system.role('cloud').identity();
  t.is(info.projectId, undefined);
  t.true(info.roles.includes('admin'));
  await system.stop();
});

test("somebody's token is looked at, a made-up one is none", async (t) => {
  const { userId, projectId } = await cloud.identity();
  t.like(await cloud.validate(await cloud.token()), { userId, projectId });
  t.is(await cloud.validate('made-up'), undefined);
});

test('microversions: what the cloud offers, and what it does not', async (t) => {
  t.is(await cloud.negotiate('compute', '2.11', '2.87'), '2.87');
  t.regex(await cloud.negotiate('placement', '1.0', '1.99'), /^1\.\d+$/);
  await t.throwsAsync(cloud.negotiate('compute', '2.999', '2.999'), {
    message: /offers microversions 2\.1 to 2\.\d+; Doctor needs 2\.999/,
  });
});
