import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEventBus, type EventBus, type RecordedEvent } from '../bus/index.js';
import { systemClock } from '../clock/system-clock.js';
import type { Clock } from '../domain/clock.js';
import { createHttpKit, type HttpKit } from '../http/index.js';
import { type Logger, silentLogger } from '../log/index.js';
import { createStore, type Store } from '../store/index.js';

/** What the host gives to roles, for tests of one role. */
export interface TestContext {
  clock: Clock;
  log: Logger;
  events: EventBus;
  http: HttpKit;
  store: Store;
  /** Everything emitted on `events` so far, in order. */
  recorded: RecordedEvent[];
  /** Folder of the databases; removed by `close`. */
  folder: string;
  /** Closes the databases, so that a second context can open them: `createTestContext({folder})`. */
  close(): Promise<void>;
}

export interface TestContextOptions {
  clock?: Clock;
  log?: Logger;
  /** Databases of an earlier context; it is then the caller's to remove. Default: a temporary one. */
  folder?: string;
}

/** Services as the host provides them: silent, on this machine's clock, with databases in a temporary folder. */
export async function createTestContext(options: TestContextOptions = {}): Promise<TestContext> {
  const clock = options.clock ?? systemClock;
  const log = options.log ?? silentLogger;
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'doctor-test-')));
  const events = createEventBus(clock, log);
  const recorded: RecordedEvent[] = [];
  events.onAny((event) => recorded.push(event));
  const store = createStore({ folder, log });
  return {
    clock,
    log,
    events,
    http: createHttpKit({ clock, log }),
    store,
    recorded,
    folder,
    async close() {
      await store.close();
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}
