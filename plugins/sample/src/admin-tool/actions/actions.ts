import { isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DoctorError } from '@nfv-doctor/core/plugin-api';
import { commandAction } from './command.js';
import { type ActionDefinition, durationMs } from './definition.js';
import type { ActionContext, ActionPlugin } from './types.js';

/** Makes the plug-ins of a configuration. @throws DoctorError PLUGIN_LOAD for a module that is none */
export async function createActions(
  definitions: ReadonlyMap<string, ActionDefinition>,
  context: ActionContext,
): Promise<Map<string, ActionPlugin>> {
  const actions = new Map<string, ActionPlugin>();
  for (const [name, definition] of definitions) actions.set(name, await create(name, definition, context));
  return actions;
}

async function create(
  name: string,
  definition: ActionDefinition,
  context: ActionContext,
): Promise<ActionPlugin> {
  switch (definition.kind) {
    case 'command':
      return commandAction(definition, context);
    case 'none':
      return noneAction(definition, context);
    case 'module':
      return moduleAction(name, definition, context);
  }
}

/** Does nothing, for a while if so configured: the work is done elsewhere, or only pretended. */
function noneAction(
  definition: Extract<ActionDefinition, { kind: 'none' }>,
  { clock }: ActionContext,
): ActionPlugin {
  const expectedMs = durationMs(definition.duration, 0);
  return {
    phase: definition.phase ?? 'host',
    safeToEnableAfterFailure: true,
    expectedMs,
    run: (_input, signal) => (expectedMs === 0 ? Promise.resolve() : clock.sleep(expectedMs, signal)),
  };
}

type ModuleDefinition = Extract<ActionDefinition, { kind: 'module' }>;

async function moduleAction(
  name: string,
  { module, options, phase, safe_to_enable_after_failure, timeout }: ModuleDefinition,
  context: ActionContext,
): Promise<ActionPlugin> {
  const isFile = module.startsWith('.') || isAbsolute(module);
  const from = isFile
    ? pathToFileURL(isAbsolute(module) ? module : join(context.configFolder, module)).href
    : module;
  let made: unknown;
  try {
    const loaded = (await import(from)) as {
      default?: (options: unknown, context: ActionContext) => unknown;
    };
    made = await loaded.default?.(options, context);
  } catch (error) {
    throw new DoctorError(
      'PLUGIN_LOAD',
      `action ${name}: ${module} cannot be loaded: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
  if (typeof (made as { run?: unknown } | undefined)?.run !== 'function')
    throw new DoctorError(
      'PLUGIN_SHAPE',
      `action ${name}: the default export of ${module} must be a function that returns {run(input, signal)}`,
    );
  const plugin = made as Partial<ActionPlugin> & Pick<ActionPlugin, 'run'>;
  const timeoutMs = durationMs(timeout, 30 * 60_000);
  return {
    phase: phase ?? plugin.phase ?? 'host',
    safeToEnableAfterFailure: safe_to_enable_after_failure ?? plugin.safeToEnableAfterFailure ?? false,
    expectedMs: plugin.expectedMs ?? 0,
    run: (input, signal) => plugin.run(input, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])),
  };
}
