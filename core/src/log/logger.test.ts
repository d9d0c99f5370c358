import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { systemClock } from '../clock/system-clock.js';
import { DoctorError } from '../errors/index.js';
import { until } from '../domain/until.js';
import { createLogger, type Logger } from './logger.js';
import { SECRET_KEYS } from './mask.js';

const SECRET = 'correct-horse-battery-staple';

/** What `write` makes the logger write. */
async function written(write: (log: Logger) => void, level = 'trace'): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), 'doctor-log-')), 'doctor.log');
  const log = createLogger({ level, file });
  write(log);
  log.error('the end');
  log.flush();
  const text = () => readFileSync(file, 'utf8');
  await until(() => text().includes('the end'), {
    clock: systemClock,
    what: 'the log',
    timeoutMs: 5000,
    intervalMs: 5,
  });
  return text();
}

for (const key of SECRET_KEYS)
  test(`the value of ${key} never reaches the log`, async (t) => {
    const text = await written((log) => {
      log.info({ [key]: SECRET });
      log.info({ headers: { [key]: SECRET } });
      log.info({ request: { headers: { [key]: SECRET } } });
      log.info({ [key.toUpperCase()]: SECRET, a: { b: { c: { d: { [key]: SECRET } } } } });
      log.info({ url: new URL(`http://me:${SECRET}@127.0.0.1/`) });
      log.info({ list: [{ [key]: SECRET }] });
      log.child({ [key]: SECRET }).info('child');
      log.error({ err: Object.assign(new Error('no'), { details: { [key]: SECRET } }) });
      log.error({ err: Object.assign(new Error('no'), { options: { headers: { [key]: SECRET } } }) });
    });
    t.false(text.includes(SECRET), text);
    t.true(text.includes('***'));
  });

test('an error is told with its code, details and cause, and nothing that a library hung on it', async (t) => {
  const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', socket: { a: 1 } });
  const err = new DoctorError('CLOUD_UNREACHABLE', 'Nova does not answer', {
    cause,
    details: { url: 'http://x' },
  });
  const text = await written((log) =>
    log.warn({ event: 'x.failed', err, url: new URL('http://y/') }, 'failed'),
  );
  const line = JSON.parse(text.split('\n')[0] ?? '') as Record<string, unknown>;
  t.like(line, {
    event: 'x.failed',
    msg: 'failed',
    url: 'http://y/',
    err: { code: 'CLOUD_UNREACHABLE', details: { url: 'http://x' }, cause: { code: 'ECONNREFUSED' } },
  });
  t.false(text.includes('socket'));
});

test('what refers to itself can be logged', async (t) => {
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  t.true((await written((log) => log.info({ circle }, 'round'))).includes('round'));
});

test('below its level nothing is written', async (t) => {
  const text = await written((log) => log.info('hello'), 'error');
  t.false(text.includes('hello'));
});

test('a log file that cannot be written is told before anything is done', (t) => {
  t.throws(() => createLogger({ level: 'info', file: '/nonexistent/doctor.log' }), {
    code: 'FILE_UNWRITABLE',
    message: 'the log file /nonexistent/doctor.log cannot be written (ENOENT); set log.file',
  });
});

(existsSync('/dev/full') ? test : test.skip)('a full disk takes nothing down', async (t) => {
  const script = `
    import { createLogger } from ${JSON.stringify(new URL('logger.js', import.meta.url).href)};
    const log = createLogger({ level: 'info', file: '/dev/full' });
    log.info('one');
    log.info('two');
    process.on('exit', () => process.stdout.write('alive'));
  `;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    script,
  ]);
  t.is(stdout, 'alive');
  t.is(stderr.match(/the log file \/dev\/full cannot be written \(ENOSPC\)/g)?.length, 1);
});
