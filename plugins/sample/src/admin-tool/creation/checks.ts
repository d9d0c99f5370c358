import { DoctorError, type MaintenanceRequest, parseUtc } from '@nfv-doctor/core/plugin-api';
import { Value } from '@sinclair/typebox/value';
import type { ActionPlugin } from '../actions/index.js';
import { type FullPlan, fullPlan } from '../planner/index.js';
import type { ActionCall, SessionOptions, SessionState, Survey } from '../session.js';
import { begin, planInput, projectsOn } from '../transition/index.js';
import { type Constraint, ConstraintSchema, contradictions, withConstraints } from './constraints.js';

export const WORKFLOWS = ['default'] as const;

/** What a request is checked against. */
export interface CreationContext {
  now: number;
  survey: Survey;
  /** Hosts of sessions that have not ended. */
  busyHosts: ReadonlyMap<string, string>;
  actions: ReadonlyMap<string, ActionPlugin>;
  defaultActions: readonly string[];
  defaults: Omit<SessionOptions, 'workflow' | 'metadata' | 'actions' | 'constraints'>;
}

/** A request that has been understood, with everything that speaks against it. */
export interface CheckedRequest {
  maintenanceAt: number;
  hosts: string[];
  options: SessionOptions;
  plan: FullPlan;
  /** Empty: the session may be created. */
  reasons: string[];
}

/** Finds all that speaks against a session; touches nothing. */
export function checkRequest(request: MaintenanceRequest, context: CreationContext): CheckedRequest {
  const { survey, defaults } = context;
  const reasons: string[] = [];
  const maintenanceAt = checkTime(request.maintenance_at, context.now, reasons);
  const workflow = request.workflow ?? 'default';
  if (!(WORKFLOWS as readonly string[]).includes(workflow))
    reasons.push(`unknown workflow "${workflow}"; there are: ${WORKFLOWS.join(', ')}`);
  const options: SessionOptions = {
    ...defaults,
    maxParallelHosts: request.max_parallel_hosts ?? defaults.maxParallelHosts,
    workflow,
    metadata: request.metadata ?? {},
    actions: checkActions(request.actions, context, reasons),
    constraints: checkConstraints(request, survey, reasons),
  };
  const hosts = checkHosts(request.hosts ?? [], context, reasons);
  const groups = withConstraints(survey.groups, options.constraints);
  const { state } = begin({
    sessionId: '',
    now: context.now,
    maintenanceAt,
    hosts,
    projects: projectsOn(hosts, survey),
    options,
  });
  const plan = planOf(state, { ...survey, groups }, reasons);
  return { maintenanceAt, hosts, options, plan, reasons };
}

function checkTime(text: string, now: number, reasons: string[]): number {
  const at = parseUtc(text);
  if (at === undefined)
    reasons.push(`maintenance_at "${text}" is no date and time; write YYYY-MM-DD HH:MM:SS (UTC)`);
  else if (at <= now)
    reasons.push(
      `maintenance_at ${new Date(at).toISOString()} is in the past; now it is ${new Date(now).toISOString()}`,
    );
  return at ?? now;
}

function checkActions(
  wanted: readonly unknown[] | undefined,
  { actions, defaultActions }: CreationContext,
  reasons: string[],
): ActionCall[] {
  const calls: ActionCall[] = [];
  for (const each of wanted ?? defaultActions) {
    const name = typeof each === 'string' ? each : nameOf(each);
    const action = name === undefined ? undefined : actions.get(name);
    if (!action || name === undefined)
      reasons.push(
        `unknown action ${JSON.stringify(name ?? each)}; configured are: ${[...actions.keys()].join(', ') || 'none'}`,
      );
    else calls.push({ name, phase: action.phase, safe: action.safeToEnableAfterFailure });
  }
  return calls;
}

/** Fenix writes `{plugin: name, type: host, metadata: {...}}`. */
function nameOf(action: unknown): string | undefined {
  const { name, plugin } = (action ?? {}) as { name?: unknown; plugin?: unknown };
  const found = name ?? plugin;
  return typeof found === 'string' ? found : undefined;
}

function checkConstraints(request: MaintenanceRequest, survey: Survey, reasons: string[]): Constraint[] {
  const { constraints = [] } = request;
  const wrong = constraints.findIndex((each) => !Value.Check(ConstraintSchema, each));
  if (wrong >= 0) {
    const error = Value.Errors(ConstraintSchema, constraints[wrong]).First();
    reasons.push(
      `constraints[${wrong}]${error?.path.replaceAll('/', '.') ?? ''}: ${error?.message ?? 'is not valid'}`,
    );
    return [];
  }
  reasons.push(...contradictions(survey.groups, constraints as Constraint[]));
  return constraints as Constraint[];
}

function checkHosts(
  given: readonly string[],
  { survey, busyHosts }: CreationContext,
  reasons: string[],
): string[] {
  const known = new Map(survey.hosts.map((host) => [host.hostname, host]));
  const hosts = given.length > 0 ? [...new Set(given)] : [...known.keys()];
  if (hosts.length === 0) reasons.push('there are no compute hosts');
  for (const twice of new Set(given.filter((hostname, index) => given.indexOf(hostname) !== index)))
    reasons.push(`host ${twice} is given twice`);
  for (const hostname of hosts) {
    const host = known.get(hostname);
    if (!host)
      reasons.push(`unknown host ${hostname}; there are: ${[...known.keys()].slice(0, 20).join(', ')}`);
    else if (!host.up) reasons.push(`host ${hostname} is down; repair it first`);
    const session = busyHosts.get(hostname);
    if (session) reasons.push(`host ${hostname} is in session ${session} already`);
    else if (host && !host.enabled) reasons.push(`host ${hostname} is disabled already; enable it first`);
  }
  const taken = new Set(hosts);
  for (const { id, hostname } of survey.instances.filter(({ status }) => status === 'ERROR'))
    if (taken.has(hostname))
      reasons.push(
        `instance ${id} on ${hostname} is in ERROR and cannot be moved; repair or delete it first`,
      );
  return hosts;
}

function planOf(state: SessionState, survey: Survey, reasons: string[]): FullPlan {
  // what is wrong with the hosts themselves would only be told again in other words
  if (reasons.length > 0) return { waves: [], shortages: [] };
  const plan = fullPlan(planInput(state, survey));
  for (const shortage of plan.shortages) reasons.push(`${shortage}, even after scaling in`);
  return plan;
}

/** @throws DoctorError MAINTENANCE_REFUSED with all the reasons */
export function refuse(reasons: readonly string[]): void {
  if (reasons.length > 0)
    throw new DoctorError('MAINTENANCE_REFUSED', `maintenance refused: ${reasons.join('; ')}`, {
      details: { reasons: [...reasons] },
    });
}
