import { openSync } from 'node:fs';
import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';
import { DoctorError } from '../errors/index.js';
import { maskSecrets, SECRET_KEYS } from './mask.js';

/** Structured log (pino): `log.info({event: 'fault.raised', hostname}, 'text')`. Secrets are redacted by key. */
export type Logger = PinoLogger;

export interface LogOptions {
  /** fatal, error, warn, info, debug, trace, silent. */
  level: string;
  /** File to append to; default standard error. */
  file?: string;
}

/** Throws DoctorError FILE_UNWRITABLE. */
export function createLogger(options: LogOptions): Logger {
  const dest = options.file === undefined ? STANDARD_ERROR : open(options.file);
  return pino(
    {
      level: options.level,
      base: null,
      formatters: { log: mask },
      // `mask` has described errors already
      serializers: { err: (error: unknown) => error },
      // formatters do not see what children are bound to
      redact: { paths: BOUND, censor: '***' },
    },
    destination(dest, options.file),
  );
}

/**
 * A log that cannot be written any more (a full disk, a reader that has gone) takes nothing down. The stream is given up
 * then, for it would try for ever to write what it still holds.
 */
function destination(dest: number, file: string | undefined): DestinationStream {
  const stream = pino.destination({ dest, sync: file === undefined });
  let broken = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (broken) return;
    broken = true;
    stream.destroy();
    if (file !== undefined)
      process.stderr.write(`doctor: the log file ${file} cannot be written (${error.code})\n`);
  });
  const flush = (done?: (error?: Error) => void) => (broken ? done?.() : stream.flush(done));
  const whole = { write: (line: string) => void (broken || stream.write(line)), flush };
  return whole;
}

const STANDARD_ERROR = 2;

// no wildcards: pino's redaction throws on what it cannot copy, such as a URL
const BOUND = SECRET_KEYS.map((key) => `["${key}"]`);

const mask = (object: object) => maskSecrets(object) as Record<string, unknown>;

/** Opened here, because pino would find out later and take the process down. */
function open(file: string): number {
  try {
    return openSync(file, 'a', 0o640);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new DoctorError(
      'FILE_UNWRITABLE',
      `the log file ${file} cannot be written (${code}); set log.file`,
      {
        cause: error,
      },
    );
  }
}

/** A logger that writes nothing. */
export const silentLogger: Logger = pino({ level: 'silent' });
