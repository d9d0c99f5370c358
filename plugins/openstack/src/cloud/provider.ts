import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { type CloudCredentials, core, DoctorError, optional, provide } from '@nfv-doctor/core/plugin-api';
import { cloudConfig } from './config.js';
import { resolveCredentials } from './credentials/resolve.js';
import { Requester } from './requester.js';
import { OpenstackSession } from './session.js';
import { Transport, type TlsOptions } from './transport.js';

/** `cloud: {type: openstack}`: an authenticated session with Keystone's cloud. */
export const openstackCloud = provide({
  role: 'cloud',
  type: 'openstack',
  doc: 'Session with an OpenStack: Keystone v3, catalog, microversions, retries',
  config: cloudConfig,
  deps: { clock: core.clock, installer: optional(core.installer), run: core.run },
  create({ config, log }, { clock, installer, run }) {
    const transport = new Transport(
      { maxConnections: config.max_connections, connectTimeoutMs: config.connect_timeout },
      clock,
    );
    const requester = new Requester(
      transport,
      {
        retries: config.retries,
        delayMs: config.retry_delay,
        maxDelayMs: config.retry_max_delay,
        timeoutMs: config.timeout,
      },
      clock,
      log,
    );
    const credentials = once(() =>
      resolveCredentials({
        section: config,
        env: process.env,
        installer: async () => installer?.credentials(),
      }),
    );
    const tls = once(async () => tlsOf(await credentials(), run.configFolder));
    return new OpenstackSession(
      {
        clock,
        log,
        transport,
        requester,
        tls,
        tokenRenewBeforeMs: config.token_renew_before,
        validationCacheMs: config.validation_cache,
      },
      credentials,
    );
  },
});

/** Remembers the result, not a failure. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let known: Promise<T> | undefined;
  return () => {
    known ??= work().catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}

async function tlsOf({ cacert, insecure = false }: CloudCredentials, folder: string): Promise<TlsOptions> {
  if (!cacert) return { insecure };
  const path = isAbsolute(cacert) ? cacert : join(folder, cacert);
  const ca = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new DoctorError('CONFIG_FILE', `cannot read cacert ${path}: ${error.code ?? 'unknown error'}`);
  });
  return { ca, insecure };
}
