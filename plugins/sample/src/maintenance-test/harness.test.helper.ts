import {
  type CloudSession,
  MAINTENANCE_HOST,
  MAINTENANCE_SCHEDULED,
  type Notifier,
} from '@nfv-doctor/core/plugin-api';
import {
  createTestContext,
  FakeMessageBus,
  systemClock as clock,
  type TestContext,
} from '@nfv-doctor/core/testing';
import { adminToolConfig } from '../admin-tool/config.js';
import { SampleAdminTool } from '../admin-tool/sample-admin-tool.js';
import { ModelCloud } from './model-cloud.test.helper.js';

/** The values that an empty configuration has. */
export const defaultsOf = <T>(schema: Record<string, { default: unknown }>): T =>
  Object.fromEntries(Object.entries(schema).map(([key, option]) => [key, option.default])) as T;

/** Tokens are `<project>` or `<project>:admin`. */
export const tokens = {
  identity: async () => ({ projectId: 'admin', userId: 'u', roles: ['admin'], expiresAt: '' }),
  validate: async (token: string) => {
    const [projectId = '', role] = token.split(':');
    return projectId === 'invalid'
      ? undefined
      : { projectId, userId: 'u', roles: role ? [role] : ['member'], expiresAt: '' };
  },
  token: async () => 'p',
  as: () => tokens,
} as unknown as CloudSession;

/** Three hosts with room for one more host's instances; the project `p` has instances on two. */
export function roomyCloud(): ModelCloud {
  const cloud = new ModelCloud({ clock, migrationMs: 20, confirmMs: 10, bootMs: 10 });
  for (const hostname of ['c1', 'c2', 'c3']) cloud.addHost(hostname, 2);
  cloud.addGroup('pair');
  cloud.addInstance('r1', 'c1', { groupId: 'pair' });
  cloud.addInstance('s1', 'c1');
  cloud.addInstance('r2', 'c2', { groupId: 'pair' });
  cloud.addInstance('s2', 'c2');
  cloud.addFloatingIp('vip', 'r1');
  return cloud;
}

export interface ToolUnderTest {
  tool: SampleAdminTool;
  cloud: ModelCloud;
  bus: FakeMessageBus;
  context: TestContext;
  told(type: typeof MAINTENANCE_SCHEDULED | typeof MAINTENANCE_HOST): Record<string, unknown>[];
  close(): Promise<void>;
}

/** The admin tool with its REST API and database, over a cloud in memory. */
export async function startTool(
  config: Record<string, unknown> = {},
  cloud = roomyCloud(),
  folder?: string,
): Promise<ToolUnderTest> {
  const context = await createTestContext(folder === undefined ? {} : { folder });
  const bus = new FakeMessageBus();
  cloud.publish = (notification) => void bus.deliver(notification);
  const tool = new SampleAdminTool(
    {
      ...defaultsOf<SampleAdminTool['config']>(adminToolConfig),
      auth: 'none',
      poll_interval: 50,
      ...config,
    } as never,
    {
      ...context,
      run: { runId: 'r', seed: 1, configFolder: context.folder },
      controller: cloud,
      cloud: tokens,
      notifier: cloud as unknown as Notifier,
      messageBus: bus,
    },
    context.log,
  );
  await tool.start(AbortSignal.timeout(10_000));
  return {
    tool,
    cloud,
    bus,
    context,
    told: (type) => bus.published.filter(({ eventType }) => eventType === type).map(({ payload }) => payload),
    async close() {
      await tool.stop(AbortSignal.timeout(10_000));
      await context.close();
    },
  };
}
