import { type Logger as PinoLogger, pino } from 'pino';

/** Structured log (pino): `log.info({event: 'fault.raised', hostname}, 'text')`. Secrets are redacted by key. */
export type Logger = PinoLogger;

/** Keys whose values never reach a log. */
export const SECRET_KEYS = [
  'password',
  'token',
  'secret',
  'application_credential_secret',
  'x-auth-token',
  'x-subject-token',
  'authorization',
  'hmac_secret',
];

const redactPaths = SECRET_KEYS.flatMap((key) => {
  const name = key.includes('-') ? `["${key}"]` : key;
  return [name, `*${key.includes('-') ? name : `.${name}`}`, `*.*${key.includes('-') ? name : `.${name}`}`];
});

export interface LogOptions {
  /** fatal, error, warn, info, debug, trace, silent. */
  level: string;
  /** File to append to; default standard error. */
  file?: string;
}

export function createLogger(options: LogOptions): Logger {
  return pino(
    { level: options.level, base: null, redact: { paths: redactPaths, censor: '***' } },
    pino.destination({ dest: options.file ?? 2, sync: options.file === undefined }),
  );
}

/** A logger that writes nothing. */
export const silentLogger: Logger = pino({ level: 'silent' });
