import {
  type AdminGateway,
  Application,
  type ApplicationContext,
  type ApplicationRecord,
  type ApplicationStore,
  type AppMessage,
  type Clock,
  collectBlueprints,
  MAINTENANCE_SCHEDULED,
  type ManagedApplication,
  maintenanceState,
  parseUtc,
  type ProjectMessage,
  type ProjectOwner,
} from '@nfv-doctor/core/plugin-api';
import { SamplePolicy, type SamplePolicyConfig } from '../app-manager/policy.js';
import { type DeskUnderTest, silentLog } from './desk.test.helper.js';
import type { ModelCloud } from './model-cloud.test.helper.js';

export interface ModelAppOptions {
  desk: DeskUnderTest;
  cloud: ModelCloud;
  clock: Clock;
  projectId: string;
  redundant?: string[];
  scalable?: string[];
  floatingIpId?: string;
  config?: Partial<SamplePolicyConfig & ApplicationContext['config']>;
}

const defaults: SamplePolicyConfig & ApplicationContext['config'] = {
  redundant_action: 'MIGRATE',
  scalable_action: 'MIGRATE',
  instance_actions: {},
  min_scalable: 0,
  scale_in_step: 2,
  refuse_states: [],
  silent_states: [],
  instance_timeout: 60_000,
  poll_interval: 200,
};

/** Records as JSON in memory. */
export function memoryStore(): ApplicationStore {
  const rows = new Map<string, string>();
  return {
    all: async () => [...rows.values()].map((row) => JSON.parse(row) as ApplicationRecord),
    load: async (projectId) => {
      const row = rows.get(projectId);
      return row === undefined ? undefined : (JSON.parse(row) as ApplicationRecord);
    },
    save: async (record) => void rows.set(record.projectId, JSON.stringify(record)),
    delete: async (projectId) => void rows.delete(projectId),
  };
}

/** The real application behind the bus, without HTTP in between. */
export async function startApp(options: ModelAppOptions): Promise<Application> {
  const { cloud, clock, desk, projectId, redundant = [], scalable = [], floatingIpId } = options;
  const owner: ProjectOwner = { projectId, userId: 'u', credentials: { authUrl: 'http://127.0.0.1:1/v3' } };
  const managed: ManagedApplication = { owner, redundant, scalable };
  const gateway: AdminGateway = {
    async instances(url) {
      const [, session, project] = /maintenance\/([^/]+)\/([^/?]+)/.exec(url) as unknown as [
        string,
        string,
        string,
      ];
      const { question, instanceIds } = await desk.desk.project(session, decodeURIComponent(project));
      return { instanceIds, ...(question?.scaleIn ? { scaleIn: question.scaleIn } : {}) };
    },
    async answer(url, answer) {
      const step = new URL(url).searchParams.get('step');
      await desk.desk.answer(answer.session_id, {
        projectId,
        sessionId: answer.session_id,
        state: answer.state,
        ...(step === null ? {} : { step: Number(step) }),
        ...(answer.instance_actions ? { actions: answer.instance_actions } : {}),
        ...(answer.reason === undefined ? {} : { reason: answer.reason }),
      });
    },
  };
  const config = { ...defaults, ...options.config };
  const context = { cloud, clock, timeoutMs: config.instance_timeout, pollIntervalMs: config.poll_interval };
  const record: ApplicationRecord = {
    projectId,
    secret: 's',
    redundant: [...managed.redundant],
    scalable: [...managed.scalable],
    blueprints: withProject(
      await collectBlueprints([...redundant, ...scalable], context, AbortSignal.timeout(10_000)),
      projectId,
    ),
    released: [],
    replacing: [],
    inbox: [],
    handled: [],
    ...(floatingIpId === undefined ? {} : { floatingIpId }),
  };
  cloud.subscribe(projectId);
  const application = new Application(record, {
    owner,
    cloud,
    gateway,
    store: memoryStore(),
    clock,
    log: await silentLog(),
    policy: new SamplePolicy(config, record),
    config,
  });
  await desk.bus.subscribe([MAINTENANCE_SCHEDULED], async ({ messageId, payload }) => {
    const message = payload as unknown as ProjectMessage;
    if (message.project_id === projectId) await application.accept(toAppMessage(messageId, message));
  });
  return application;
}

/** The model cloud has one user for all: the project is told with each new instance. */
function withProject(
  blueprints: ApplicationRecord['blueprints'],
  projectId: string,
): ApplicationRecord['blueprints'] {
  for (const blueprint of Object.values(blueprints))
    blueprint.metadata = { ...blueprint.metadata, project: projectId };
  return blueprints;
}

function toAppMessage(id: string, message: ProjectMessage): AppMessage {
  const state = maintenanceState(message.state);
  if (!state) throw new Error(`unknown state ${message.state}`);
  const replyAt = message.reply_at === null ? undefined : parseUtc(message.reply_at);
  return {
    id,
    sessionId: message.session_id,
    projectId: message.project_id,
    state,
    word: message.state,
    instanceIds: message.instance_ids,
    replyUrl: message.reply_url,
    allowedActions: message.allowed_actions,
    ...(replyAt === undefined ? {} : { replyAt }),
  };
}
