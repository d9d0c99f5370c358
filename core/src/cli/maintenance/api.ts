import type { Command } from 'commander';
import { got, HTTPError, RequestError } from 'got';
import type { MaintenancePlan, MaintenanceRequest, MaintenanceSession } from '../../domain/maintenance.js';
import { DoctorError } from '../../errors/index.js';
import { type CliContext, doctorOptions } from '../context.js';

/** The admin tool, wherever it runs. */
export interface MaintenanceApi {
  sessions(): Promise<MaintenanceSession[]>;
  session(sessionId: string): Promise<MaintenanceSession>;
  create(request: MaintenanceRequest): Promise<{ sessionId: string }>;
  plan(request: MaintenanceRequest): Promise<MaintenancePlan>;
  remove(sessionId: string): Promise<void>;
  close(): Promise<void>;
}

interface AdminToolSection {
  type?: string;
  public_url?: string;
  host?: string;
  port?: number;
  auth?: string;
}

/**
 * Doctor's own admin tool is asked over its REST API: a second one in this process would run its sessions a second time.
 * Another one (Fenix) is reached through its plugin.
 */
export async function openMaintenanceApi(command: Command, context: CliContext): Promise<MaintenanceApi> {
  const { url, token } = command.optsWithGlobals<{ url?: string; token?: string }>();
  const { loadConfiguration } = await import('../../host/index.js');
  const config = await loadConfiguration({ ...doctorOptions(command, context), roles: ['admin_tool'] });
  const section = config.section<AdminToolSection>('admin_tool');
  const given = url ?? context.env['DOCTOR_ADMIN_TOOL_URL'] ?? configuredUrl(section);
  if (given === undefined && section.type !== 'sample') return localApi(command, context);
  if (given === undefined)
    throw new DoctorError(
      'INPUT_INVALID',
      'where does the admin tool run? Give --url, or set admin_tool.port in the configuration that "doctor run admin_tool" uses, too',
    );
  const known = token ?? context.env['OS_TOKEN'];
  if (known !== undefined || section.auth === 'none')
    return restApi(
      given,
      async () => known,
      async () => {},
    );
  const doctor = await context.createDoctor(command, { roles: ['cloud'] });
  await doctor.start(context.signal);
  return restApi(
    given,
    () => doctor.role('cloud').token(),
    () => doctor.stop(),
  );
}

function configuredUrl({ public_url, host = '127.0.0.1', port = 0 }: AdminToolSection): string | undefined {
  if (public_url) return public_url;
  return port === 0 ? undefined : `http://${host}:${port}`;
}

async function localApi(command: Command, context: CliContext): Promise<MaintenanceApi> {
  const doctor = await context.createDoctor(command, { roles: ['admin_tool'] });
  await doctor.start(context.signal);
  const tool = doctor.role('admin_tool');
  return {
    sessions: () => tool.sessions(),
    session: (sessionId) => tool.session(sessionId),
    create: (request) => tool.create(request),
    remove: (sessionId) => tool.remove(sessionId),
    async plan(request) {
      if (!tool.plan)
        throw new DoctorError('INPUT_INVALID', `the admin tool "${doctor.plugins.admin_tool}" cannot plan`);
      return tool.plan(request);
    },
    close: () => doctor.stop(),
  };
}

interface SessionBody {
  session_id: string;
  state: MaintenanceSession['state'];
  hosts: MaintenanceSession['hosts'];
  projects: { project_id: string; state: string; answer?: string }[];
  maintenance_at: string;
  reason?: string;
}
interface PlanBody {
  hosts: string[][];
  moves: { instance_id: string; from: string; to: string; wave: number; prepare?: boolean }[];
  shortages: string[];
  estimated_ms: number;
  scale_in?: { vcpus: number; memory_mb: number; instances: string[] };
}

const toSession = ({
  session_id,
  state,
  hosts,
  projects,
  maintenance_at,
  reason,
}: SessionBody): MaintenanceSession => ({
  sessionId: session_id,
  state,
  hosts,
  projects: projects.map(({ project_id, ...rest }) => ({ projectId: project_id, ...rest })),
  maintenanceAt: maintenance_at,
  ...(reason === undefined ? {} : { reason }),
});

const toPlan = ({ hosts, moves, shortages, estimated_ms, scale_in }: PlanBody): MaintenancePlan => ({
  hosts,
  moves: moves.map(({ instance_id, ...move }) => ({ instanceId: instance_id, ...move })),
  shortages,
  estimatedMs: estimated_ms,
  ...(scale_in
    ? { scaleIn: { vcpus: scale_in.vcpus, memoryMb: scale_in.memory_mb, instances: scale_in.instances } }
    : {}),
});

function restApi(
  base: string,
  token: () => Promise<string | undefined>,
  close: () => Promise<void>,
): MaintenanceApi {
  const root = base.endsWith('/') ? base : `${base}/`;
  const call = async <T>(method: 'GET' | 'POST' | 'DELETE', path: string, json?: unknown): Promise<T> => {
    const known = await token();
    try {
      return await got(new URL(path, root), {
        method,
        ...(json === undefined ? {} : { json }),
        headers: known === undefined ? {} : { 'x-auth-token': known },
        retry: { limit: 0 },
        timeout: { request: method === 'DELETE' ? 600_000 : 60_000 },
      }).json<T>();
    } catch (error) {
      throw explained(error, base);
    }
  };
  const id = encodeURIComponent;
  return {
    sessions: async () =>
      (await call<{ sessions: SessionBody[] }>('GET', 'maintenance')).sessions.map(toSession),
    session: async (sessionId) => toSession(await call<SessionBody>('GET', `maintenance/${id(sessionId)}`)),
    create: async (request) => ({
      sessionId: (await call<{ session_id: string }>('POST', 'maintenance', request)).session_id,
    }),
    plan: async (request) => toPlan(await call<PlanBody>('POST', 'maintenance/plan', request)),
    remove: async (sessionId) => void (await call('DELETE', `maintenance/${id(sessionId)}`)),
    close,
  };
}

function explained(error: unknown, base: string): unknown {
  if (error instanceof HTTPError) {
    const { body, statusCode } = error.response;
    const { message, reasons } = readError(body);
    const text =
      reasons.length > 0 ? `maintenance refused:\n${reasons.map((each) => `- ${each}`).join('\n')}` : message;
    const code =
      statusCode === 401
        ? 'UNAUTHORIZED'
        : statusCode === 403
          ? 'FORBIDDEN'
          : statusCode === 404
            ? 'NOT_FOUND'
            : 'INPUT_INVALID';
    return new DoctorError(
      statusCode < 500 ? code : 'BACKEND_ERROR',
      text || `the admin tool answered ${statusCode}`,
    );
  }
  if (error instanceof RequestError)
    return new DoctorError('BACKEND_UNREACHABLE', `no admin tool answers at ${base}: ${error.message}`, {
      cause: error,
    });
  return error;
}

function readError(body: unknown): { message: string; reasons: string[] } {
  try {
    const { error } = JSON.parse(String(body)) as {
      error: { message: string; details?: { reasons?: string[] } };
    };
    return { message: error.message, reasons: error.details?.reasons ?? [] };
  } catch {
    return { message: String(body).slice(0, 300), reasons: [] };
  }
}
