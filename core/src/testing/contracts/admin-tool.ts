import type { ExecutionContext, TestFn } from 'ava';
import { DoctorError } from '../../errors/index.js';
import type { HostMessage, MaintenanceSession, ProjectMessage } from '../../domain/maintenance.js';
import { maintenanceState } from '../../domain/maintenance-words.js';
import { formatUtc, parseUtc } from '../../domain/utc.js';
import type { AdminTool } from '../../roles/admin-tool.js';

/** An admin tool with a small cloud behind it. */
export interface AdminToolHarness {
  /** Started. */
  tool: AdminTool;
  /** Up, enabled, and with room to empty one after another. */
  hosts: readonly string[];
  /** A project with instances, that is asked. */
  projectId: string;
  /** Everything told so far, in order. */
  projectMessages(): readonly ProjectMessage[];
  hostMessages(): readonly HostMessage[];
  /** Answers the project's questions from now on; until then nobody does. */
  answer(verdict: 'ACK' | 'NACK'): void;
  /** As the cloud has it. */
  enabled(hostname: string): Promise<boolean> | boolean;
  /** ms since the epoch by the tool's clock. */
  now(): number;
  close(): Promise<void>;
}

export interface AdminToolContractOptions {
  name?: string;
  /** What the tool's backend does; default all. `reasons`: refusals tell why. `putsBack`: hosts are enabled after a failure. */
  does?: { reasons?: boolean; putsBack?: boolean; plan?: boolean };
  /** ms between the request and the begin of a session, by which the first answer is due; default 5,000. */
  leadMs?: number;
  timeoutMs?: number;
}

/** What every AdminTool must do: `adminToolContract(test, () => startYours())`. */
export function adminToolContract(
  test: TestFn,
  create: (t: ExecutionContext) => Promise<AdminToolHarness>,
  {
    name = 'admin tool contract',
    does = {},
    leadMs = 5_000,
    timeoutMs = 60_000,
  }: AdminToolContractOptions = {},
): void {
  const check = (title: string, body: (t: ExecutionContext, harness: AdminToolHarness) => Promise<void>) =>
    test(`${name}: ${title}`, async (t) => {
      t.timeout(timeoutMs * 2);
      const harness = await create(t);
      try {
        await body(t, harness);
      } finally {
        await harness.close();
      }
    });
  const request = ({ now, hosts }: AdminToolHarness) => ({
    maintenance_at: formatUtc(Math.ceil((now() + leadMs) / 1000) * 1000),
    hosts: [...hosts],
    workflow: 'default',
    metadata: { contract: 'yes' },
  });
  const ended = async ({ tool }: AdminToolHarness, sessionId: string): Promise<MaintenanceSession> => {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const session = await tool.session(sessionId);
      if (session.state === 'MAINTENANCE_DONE' || session.state === 'MAINTENANCE_FAILED') return session;
      if (Date.now() > deadline) throw new Error(`session ${sessionId} is still in ${session.state}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  check('a session to its end: states, hosts and messages', async (t, harness) => {
    harness.answer('ACK');
    const { sessionId } = await harness.tool.create(request(harness));
    t.true((await harness.tool.sessions()).some((session) => session.sessionId === sessionId));
    const session = await ended(harness, sessionId);
    t.is(session.state, 'MAINTENANCE_DONE', session.reason);
    const told = harness.projectMessages().filter((message) => message.session_id === sessionId);
    t.is(maintenanceState(told[0]?.state ?? ''), 'MAINTENANCE');
    t.is(maintenanceState(told.at(-1)?.state ?? ''), 'MAINTENANCE_COMPLETE');
    for (const message of told) {
      t.is(message.project_id, harness.projectId);
      t.truthy(URL.canParse(message.reply_url), message.reply_url);
      if (message.actions_at !== null) t.not(parseUtc(message.actions_at), undefined);
    }
    for (const hostname of harness.hosts) {
      const states = harness
        .hostMessages()
        .filter(({ host }) => host === hostname)
        .map(({ state }) => state);
      t.deepEqual(states, ['IN_MAINTENANCE', 'MAINTENANCE_COMPLETE'], hostname);
      t.true(await harness.enabled(hostname), `${hostname} is enabled`);
    }
  });

  check('a rejected session fails, with the reason, and leaves no host disabled', async (t, harness) => {
    harness.answer('NACK');
    const { sessionId } = await harness.tool.create(request(harness));
    const session = await ended(harness, sessionId);
    t.is(session.state, 'MAINTENANCE_FAILED');
    if (does.reasons !== false) t.regex(session.reason ?? '', /NACK/);
    if (does.putsBack !== false)
      for (const hostname of harness.hosts) t.true(await harness.enabled(hostname), hostname);
  });

  check('a session can be aborted and is forgotten; an unknown one is not found', async (t, harness) => {
    const { sessionId } = await harness.tool.create(request(harness));
    await harness.tool.remove(sessionId);
    const error = await t.throwsAsync(harness.tool.session(sessionId));
    t.true(DoctorError.is(error) && error.code === 'NOT_FOUND', String(error));
    if (does.putsBack !== false)
      for (const hostname of harness.hosts) t.true(await harness.enabled(hostname), hostname);
  });

  check('what cannot be is refused at creation, and nothing is told', async (t, harness) => {
    const wrong = { ...request(harness), maintenance_at: '2001-01-01 00:00:00', hosts: ['no-such-host'] };
    const error = await t.throwsAsync(harness.tool.create(wrong));
    t.true(DoctorError.is(error), String(error));
    if (does.reasons !== false && DoctorError.is(error)) {
      t.is(error.code, 'MAINTENANCE_REFUSED');
      t.true(((error.details['reasons'] as unknown[]) ?? []).length >= 2, 'all the reasons');
    }
    t.is(harness.projectMessages().length, 0);
    t.is(harness.hostMessages().length, 0);
  });

  if (does.plan !== false)
    check('a plan names every host once, and touches nothing', async (t, harness) => {
      const plan = await harness.tool.plan?.(request(harness));
      t.deepEqual(plan?.hosts.flat().toSorted(), [...harness.hosts].toSorted());
      t.deepEqual(plan?.shortages, []);
      t.is(harness.projectMessages().length, 0);
    });

  check('stop may be called twice', async (t, harness) => {
    await harness.tool.stop(AbortSignal.timeout(10_000));
    await harness.tool.stop(AbortSignal.timeout(10_000));
    t.pass();
  });
}
