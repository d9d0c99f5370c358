import type { FaultEvent } from '../domain/fault.js';
import type { DeployedHost } from '../domain/host.js';
import type { Plugin } from '../plugin-api/define-plugin.js';
import type { FaultReporter } from '../plugin-api/tokens.js';
import type { ReceivingMonitor } from '../receiver/index.js';
import { createTestContext, type TestContext } from './test-context.js';

/** A monitor that receives, running on a free port, with what it reported. */
export interface RunningReceiver {
  monitor: ReceivingMonitor;
  context: TestContext;
  /** What the inspector was given, in order. */
  reported: FaultEvent[];
  post(
    path: string,
    body: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: unknown }>;
  close(): Promise<void>;
}

/** Starts the plugin's monitor with an inspector that takes everything. */
export async function startReceiver(
  plugin: Plugin,
  config: Record<string, unknown>,
  hosts: readonly DeployedHost[],
): Promise<RunningReceiver> {
  const provider = plugin.provides.find(({ role }) => role === 'monitor');
  if (!provider) throw new Error('the plugin provides no monitor');
  const context = await createTestContext();
  const reported: FaultEvent[] = [];
  const reporter: FaultReporter = { report: async (event) => void reported.push(event) };
  const defaults = Object.fromEntries(
    Object.entries(provider.config ?? {}).map(([key, option]) => [
      key,
      (option as { default: unknown }).default,
    ]),
  );
  const { clock, events, http, log } = context;
  const ctx = {
    config: { ...defaults, ...config },
    role: 'monitor' as const,
    type: provider.type,
    log,
    defer: () => {},
  };
  let monitor: ReceivingMonitor;
  try {
    monitor = provider.create(ctx, { http, clock, events, reporter }) as ReceivingMonitor;
  } catch (error) {
    await context.close();
    throw error;
  }
  await monitor.start();
  await monitor.watch(hosts);
  return {
    monitor,
    context,
    reported,
    async post(path, body, headers = {}) {
      const answer = await fetch(new URL(path, monitor.endpoint), {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      return { status: answer.status, body: await answer.json() };
    },
    async close() {
      await monitor.stop();
      await context.close();
    },
  };
}
