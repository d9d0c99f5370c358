import type { ExecutionContext, TestFn } from 'ava';
import { DoctorError, problemsOf } from '../../errors/index.js';
import type { Role } from '../../roles/role.js';
import { type WeatherProxy, WEATHERS } from './proxy.js';

/** A role, not started, with a backend behind a proxy. */
export interface WeatherHarness {
  role: Role;
  proxy: WeatherProxy;
  /** What the started role does with its backend, by name; each can be repeated. */
  calls: Readonly<Record<string, () => Promise<unknown>>>;
  /** What is at the backend that the role has put there; looked at past the proxy. */
  left(): Promise<string[]>;
  close(): Promise<void>;
}

export interface BackendWeatherOptions {
  name?: string;
  /** Calls that bear a weather without an error, `<call> <weather>`, e.g. `report gone`. */
  bears?: readonly string[];
  /** Longest time for one call to fail, ms; default 10,000. */
  timeoutMs?: number;
}

const ALL = Object.keys(WEATHERS) as (keyof typeof WEATHERS)[];
const ofBackend = (error: unknown): error is DoctorError =>
  DoctorError.is(error) && problemsOf(error).every(({ kind }) => kind === 'backend' || kind === 'cloud');

/**
 * What a role makes of a backend in bad weather: an error of its own that says whose fault it is, in time; everything
 * works again afterwards; nothing half-made is left, and what cannot be taken back is told.
 */
export function backendWeather(
  test: TestFn,
  create: (t: ExecutionContext) => Promise<WeatherHarness>,
  { name = 'bad weather', bears = [], timeoutMs = 10_000 }: BackendWeatherOptions = {},
): void {
  const check = (title: string, body: (t: ExecutionContext, harness: WeatherHarness) => Promise<void>) =>
    test(`${name}: ${title}`, async (t) => {
      const harness = await create(t);
      try {
        await body(t, harness);
      } finally {
        harness.proxy.set(undefined);
        await harness.role.stop(AbortSignal.timeout(timeoutMs)).catch(() => {});
        await harness.close();
      }
    });
  const signal = () => AbortSignal.timeout(timeoutMs);
  const fails = async (t: ExecutionContext, what: string, call: () => Promise<unknown>) => {
    const began = performance.now();
    const error = await call().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    t.true(
      ofBackend(error),
      `${what}: ${error instanceof Error ? `${error.name} ${error.message}` : 'no error'}`,
    );
    t.true(performance.now() - began < timeoutMs, `${what} took too long`);
    const { message } = error as Error;
    t.true(message.length > 20 && !/\n\s+at |\[object |undefined/.test(message), `${what}: ${message}`);
  };

  for (const weather of ALL) {
    check(`start, ${WEATHERS[weather]}: one clear error, nothing left`, async (t, { role, proxy, left }) => {
      proxy.set(weather);
      await fails(t, `start ${weather}`, () => role.start(signal()));
      proxy.set(undefined);
      await role.stop(signal());
      t.deepEqual(await left(), []);
      await role.start(signal());
      t.not((await role.health()).status, 'down');
    });

    check(`calls, ${WEATHERS[weather]}: a clear error, then all is well again`, async (t, harness) => {
      const { role, proxy, calls } = harness;
      await role.start(signal());
      for (const [call, run] of Object.entries(calls)) {
        proxy.set(weather);
        if (bears.includes(`${call} ${weather}`)) await t.notThrowsAsync(run(), `${call} ${weather}`);
        else await fails(t, `${call} ${weather}`, run);
        proxy.set(undefined);
        await t.notThrowsAsync(run(), `${call} after ${weather}`);
      }
    });
  }

  check('a start that is interrupted anywhere leaves nothing behind', async (t, { role, proxy, left }) => {
    await role.start(signal());
    const needed = proxy.requests.length;
    await role.stop(signal());
    for (let after = 0; after < needed; after++) {
      proxy.set('failing', after);
      await role.start(signal()).catch(() => {});
      proxy.set(undefined);
      await role.stop(signal());
      t.deepEqual(await left(), [], `interrupted after ${after} of ${needed} requests`);
    }
  });

  check('stop tells what it could not take back, and does it when asked again', async (t, harness) => {
    const { role, proxy, calls, left } = harness;
    await role.start(signal());
    for (const run of Object.values(calls)) await run();
    const mine = await left();
    if (mine.length === 0) return void t.pass();
    proxy.set('failing');
    await fails(t, 'stop', () => role.stop(signal()));
    proxy.set(undefined);
    await role.stop(signal());
    t.deepEqual(await left(), []);
  });
}
