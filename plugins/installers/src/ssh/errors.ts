import { DoctorError, type ErrorCode } from '@nfv-doctor/core/plugin-api';

/** Why a machine could not be reached; in `details.reason` of the error. */
export type SshFailure =
  | 'not_installed'
  | 'host_key_unknown'
  | 'host_key_changed'
  | 'permission_denied'
  | 'key_file'
  | 'name_unknown'
  | 'unreachable'
  | 'timeout'
  | 'tunnel'
  | 'lost';

interface Rule {
  reason: SshFailure;
  seen: RegExp;
  code: ErrorCode;
  /** What is wrong and what to do about it. */
  say: string;
  retryable?: boolean;
}

/** In order: the first that fits what ssh wrote. A jump host's own words stand before the ones they cause. */
const RULES: readonly Rule[] = [
  {
    reason: 'host_key_changed',
    seen: /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for \S+ has changed/i,
    code: 'BACKEND_ERROR',
    say: 'its host key is not the one in known_hosts: if the machine was installed anew, remove the old key (ssh-keygen -R ADDRESS), else somebody may stand in between',
  },
  {
    reason: 'host_key_unknown',
    seen: /host key is known for|Host key verification failed/i,
    code: 'BACKEND_ERROR',
    say: 'its host key is not known: connect once by hand (ssh), or set installer.host_key_checking to accept-new',
  },
  {
    reason: 'key_file',
    seen: /UNPROTECTED PRIVATE KEY|Identity file \S+ not accessible|Load key .*: /i,
    code: 'CONFIG_INVALID',
    say: 'the key file cannot be used: it must exist, be a private key without a passphrase, and be readable by its owner only',
  },
  {
    reason: 'permission_denied',
    seen: /Permission denied|Too many authentication failures/i,
    code: 'BACKEND_ERROR',
    say: 'it takes none of our keys: check user and key file, or that the agent has the key (ssh-add -l)',
  },
  {
    reason: 'name_unknown',
    seen: /Could not resolve hostname|Name or service not known|Unknown host/i,
    code: 'BACKEND_UNREACHABLE',
    say: 'its name cannot be resolved',
    retryable: true,
  },
  {
    reason: 'timeout',
    seen: /timed out|timeout/i,
    code: 'BACKEND_UNREACHABLE',
    say: 'does not answer in time',
    retryable: true,
  },
  {
    reason: 'unreachable',
    seen: /Connection refused|No route to host|Network is unreachable|open failed: connect failed/i,
    code: 'BACKEND_UNREACHABLE',
    say: 'cannot be reached: is the machine up, and is sshd listening there?',
    retryable: true,
  },
  {
    reason: 'tunnel',
    seen: /port forwarding failed/i,
    code: 'CONFLICT',
    say: 'refused the tunnel: the port is taken there, or its sshd does not allow forwarding',
  },
];

const LOST: Rule = {
  reason: 'lost',
  seen: /./,
  code: 'BACKEND_UNREACHABLE',
  say: 'the connection was closed',
  retryable: true,
};

/** One line for what ssh wrote on its standard error before it ended with 255. */
export function sshError(name: string, address: string, stderr: string): DoctorError {
  const rule = RULES.find(({ seen }) => seen.test(stderr)) ?? LOST;
  const said = rule === LOST ? lastLine(stderr) : '';
  return new DoctorError(
    rule.code,
    `${name} (${address}): ${rule.say.replace('ADDRESS', address)}${said === '' ? '' : `: ${said}`}`,
    { details: { reason: rule.reason }, retryable: rule.retryable ?? false },
  );
}

export const notInstalled = (program: string): DoctorError =>
  new DoctorError(
    'CONFIG_INVALID',
    `${program} is not installed here: install OpenSSH's client, or set installer.ssh_program`,
    { details: { reason: 'not_installed' satisfies SshFailure } },
  );

/** The last line that says something, cut to a readable length. */
export const lastLine = (text: string): string =>
  (
    text
      .trim()
      .split('\n')
      .findLast((line) => line.trim() !== '') ?? ''
  )
    .trim()
    .slice(0, 300);
