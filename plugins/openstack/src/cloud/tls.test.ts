import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { DoctorError } from '@nfv-doctor/core/plugin-api';
import { systemClock } from '@nfv-doctor/core/testing';
import test, { type ExecutionContext } from 'ava';
import { createSession } from '../testing/session.test.util.js';

const FIXTURES = new URL('../../../../test/fixtures/tls/', import.meta.url);
const path = (name: string) => fileURLToPath(new URL(name, FIXTURES));

async function startKeystone(t: ExecutionContext): Promise<string> {
  const keys = { key: readFileSync(path('key.pem')), cert: readFileSync(path('cert.pem')) };
  const server = createServer(keys, (request, response) => {
    request.resume();
    response.writeHead(201, { 'x-subject-token': 'over-tls', 'content-type': 'application/json' });
    response.end(JSON.stringify({ token: { expires_at: '2999-01-01T00:00:00Z', user: { id: 'u' } } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a certificate that nobody vouches for is refused, once, and the error says what to do', async (t) => {
  const { session, logged } = createSession(systemClock, await startKeystone(t));
  t.teardown(() => session.stop());
  const error = await t.throwsAsync(session.token());
  t.true(DoctorError.is(error) && error.code === 'CLOUD_UNREACHABLE');
  t.regex(
    error?.message ?? '',
    /certificate is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\): set cacert, or insecure/,
  );
  t.is(logged(), '');
});

for (const [name, credentials] of [
  ['cacert', { cacert: path('cert.pem') }],
  ['insecure', { insecure: true }],
] as const)
  test(`${name} makes it trusted`, async (t) => {
    const { session } = createSession(systemClock, await startKeystone(t), {}, credentials);
    t.teardown(() => session.stop());
    t.is(await session.token(), 'over-tls');
  });

test('a cacert that is not there', async (t) => {
  const { session } = createSession(systemClock, await startKeystone(t), {}, { cacert: '/nowhere/ca.pem' });
  t.teardown(() => session.stop());
  await t.throwsAsync(session.token(), { message: 'cannot read cacert /nowhere/ca.pem: ENOENT' });
});
