import { inspect } from 'node:util';
import type { Clock, CloudCredentials, Logger } from '@nfv-doctor/core/plugin-api';
import { type CloudConfig, cloudConfig } from '../cloud/config.js';
import { openstackCloud } from '../cloud/index.js';
import type { OpenstackSession } from '../cloud/session.js';
import { configOf } from './fake-cloud.test.util.js';

export const PASSWORD = 'a-very-secret-password';

export interface TestSession {
  session: OpenstackSession;
  /** Everything that was given to the log, before any redaction. */
  logged: () => string;
}

/** A session as the host would make it, with an installer that knows the credentials. */
export function createSession(
  clock: Clock,
  url: string,
  changes: Record<string, unknown> = {},
  credentials: Partial<CloudCredentials> = {},
): TestSession {
  const { log, logged } = recordingLog();
  const config = configOf<CloudConfig>(cloudConfig, { retry_delay: 1, retry_max_delay: 2_000, ...changes });
  const own: CloudCredentials = {
    authUrl: url,
    username: 'doctor',
    password: PASSWORD,
    projectName: 'service',
    ...credentials,
  };
  const session = openstackCloud.create(
    { config, log, role: 'cloud', type: 'openstack', defer: () => {} },
    {
      clock,
      installer: { credentials: () => Promise.resolve(own) } as never,
      run: { runId: 'test', seed: 1, configFolder: '/' },
    },
  ) as OpenstackSession;
  return { session, logged };
}

export function recordingLog(): { log: Logger; logged: () => string } {
  let text = '';
  const write = (...values: unknown[]) => {
    text += `${inspect(values, { depth: 10 })}\n`;
  };
  const log = { trace: write, debug: write, info: write, warn: write, error: write, fatal: write };
  return { log: { ...log, child: () => log } as unknown as Logger, logged: () => text };
}
