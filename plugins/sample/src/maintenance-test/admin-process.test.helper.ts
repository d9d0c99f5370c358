/**
 * An admin tool in a process of its own, that is killed with SIGKILL by itself around a write.
 */
import { join } from 'node:path';
import {
  createEventBus,
  type MessageBus,
  type Notification,
  type Notifier,
} from '@nfv-doctor/core/plugin-api';
import { createTestContext, systemClock as clock } from '@nfv-doctor/core/testing';
import { createActions, parseActions } from '../admin-tool/actions/index.js';
import { SessionDesk } from '../admin-tool/desk.js';
import { EffectRunner, WakeUps } from '../admin-tool/effects/index.js';
import { openSessionRepository, type SessionRepository } from '../admin-tool/repository.js';
import { born, mortal } from './mortal.test.helper.js';
import { remote, Rpc } from './rpc.test.helper.js';

const { folder, when, at } = await born();
const { guard } = mortal(when, at);

const guarded = (inner: SessionRepository): SessionRepository => ({
  load: () => inner.load(),
  insert: (session) => guard(() => inner.insert(session)),
  save: (...args) => guard(() => inner.save(...args)),
  delete: (sessionId) => guard(() => inner.delete(sessionId)),
});

const rpc = new Rpc(
  (packet) => process.send?.(packet),
  async (method, args) => {
    if (method === 'notify') return handlers.forEach((handler) => handler(args[0] as Notification));
    const target = (await desk) as unknown as Record<string, (...all: unknown[]) => unknown>;
    return target[method]?.(...args);
  },
);
process.on('message', (packet) => rpc.receive(packet as never));

const handlers = new Set<(notification: Notification) => void>();
const bus = {
  publish: (notification: Notification) => rpc.call<void>('publish', notification),
  subscribe: async (_types: readonly string[], handler: (notification: Notification) => void) => {
    handlers.add(handler);
    return async () => void handlers.delete(handler);
  },
} as unknown as MessageBus;

async function start(): Promise<SessionDesk> {
  const { log, store } = await createTestContext({ folder });
  const events = createEventBus(clock, log);
  const repository = guarded(await openSessionRepository(store));
  const actions = await createActions(
    parseActions({
      work: { kind: 'command', command: `echo "$DOCTOR_HOST" >> '${join(folder, 'worked')}'` },
    }),
    { clock, log, folder: join(folder, 'actions'), configFolder: folder },
  );
  const wakeUps = new WakeUps(bus, clock);
  await wakeUps.start();
  const compute = remote<never>(rpc, 'compute');
  const effects = new EffectRunner({
    clock,
    events,
    bus,
    compute,
    notifier: remote<Notifier>(rpc, 'notifier'),
    wakeUps,
    actions,
    baseUrl: () => new URL('http://127.0.0.1:1/'),
    adminProjectId: () => 'admin',
    vocabulary: 'doctor',
    timeoutMs: 10_000,
    pollIntervalMs: 100,
    cpuRatio: 1,
    memoryRatio: 1,
    reservedMemoryMb: 0,
  });
  const made = new SessionDesk({
    clock,
    events,
    log,
    repository,
    effects,
    compute,
    actions,
    defaultActions: ['work'],
    vocabulary: 'doctor',
    expectedMoveMs: 0,
    silentHostMs: 60_000,
    defaults: {
      maxParallelHosts: 1,
      maxParallelMoves: 10,
      replyTimeoutMs: 60_000,
      moveTimeoutMs: 60_000,
      defaultAction: 'MIGRATE',
      closeWaitingHosts: true,
      constraints: [],
    } as never,
  });
  await made.resume();
  return made;
}

const desk = start();
desk.then(
  () => rpc.call('ready'),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  },
);
