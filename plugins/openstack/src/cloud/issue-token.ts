import { type CloudCredentials, DoctorError } from '@nfv-doctor/core/plugin-api';
import {
  authenticationBody,
  type IssuedToken,
  identityUrl,
  issuedToken,
  nameOf,
  type TokenBody,
} from './keystone.js';
import { header, type Requester } from './requester.js';
import type { TlsOptions } from './transport.js';
import { parseEndpoint } from './urls.js';

/** Authenticates. @throws DoctorError CLOUD_AUTH that names who was refused */
export async function issueToken(
  requester: Requester,
  credentials: CloudCredentials,
  options: { tls: TlsOptions; now: () => number; clean: (text: string) => string },
): Promise<IssuedToken> {
  const { origin, basePath } = parseEndpoint(identityUrl(credentials.authUrl));
  const json = authenticationBody(credentials);
  try {
    const answer = await requester.send<TokenBody>({
      service: 'identity',
      origin,
      path: `${basePath}/auth/tokens`,
      // asking for a token twice only makes another token
      request: { method: 'POST', path: '', json, idempotent: true },
      headers: { accept: 'application/json' },
      tls: options.tls,
      clean: options.clean,
    });
    return issuedToken(header(answer, 'x-subject-token'), answer.body, options.now());
  } catch (error) {
    throw refused(error, credentials);
  }
}

/** Keystone says 401 for a wrong password and for an unknown project alike: name what was tried. */
function refused(error: unknown, credentials: CloudCredentials): unknown {
  if (!DoctorError.is(error) || error.code !== 'CLOUD_AUTH') return error;
  return new DoctorError(
    'CLOUD_AUTH',
    `Keystone at ${identityUrl(credentials.authUrl)} refused ${nameOf(credentials)}: ${String(error.details['said'] ?? '')} Check the password, the names and their domains.`,
    { details: error.details, cause: error },
  );
}
