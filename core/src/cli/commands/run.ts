import { once } from 'node:events';
import type { Command } from 'commander';
import type { Doctor } from '../../host/index.js';
import { ROLE_NAMES } from '../../roles/index.js';
import { type CliContext, roleNames, selectionFlags } from '../context.js';
import { EXIT } from '../exit.js';
import { startSmall } from '../start-small.js';

/** `doctor run ROLE...` */
export function register(program: Command, context: CliContext): void {
  selectionFlags(program.command('run'))
    .description('run roles as a service until SIGTERM; what they need is started with them')
    .argument('<role...>', `one or more of: ${ROLE_NAMES.join(', ')}`)
    .action(async (words: string[], _options: unknown, command: Command) => {
      const roles = roleNames(words);
      const started = startSmall();
      const doctor = await context.createDoctor(command, { roles });
      await doctor.start(context.signal);
      started();
      try {
        context.out(context.globals(command).json ? JSON.stringify(endpoints(doctor)) : table(doctor));
        context.note('running; SIGTERM or Ctrl-C stops');
        if (!context.signal.aborted) await once(context.signal, 'abort');
      } finally {
        await doctor.stop();
      }
      context.exitCode(context.interruptedBy() === 'SIGINT' ? EXIT.interrupted : EXIT.passed);
    });
}

interface Running {
  role: string;
  type: string;
  endpoint?: string;
}

function endpoints(doctor: Doctor): Running[] {
  return doctor.roles.map((name) => {
    const { endpoint } = doctor.role(name) as { endpoint?: URL };
    return { role: name, type: doctor.plugins[name] ?? '', ...(endpoint ? { endpoint: endpoint.href } : {}) };
  });
}

const table = (doctor: Doctor) =>
  endpoints(doctor)
    .map(({ role, type, endpoint }) => `${role.padEnd(13)}${type.padEnd(12)}${endpoint ?? ''}`.trimEnd())
    .join('\n');
