import type { MaintenancePlan, MaintenanceSession } from '../../domain/maintenance.js';

const row = (cells: readonly string[], widths: readonly number[]) =>
  cells
    .map((cell, index) => cell.padEnd(widths[index] ?? 0))
    .join('  ')
    .trimEnd();

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...lines].map((line) => (line[column] ?? '').length)),
  );
  return [head, ...lines].map((line) => row(line, widths)).join('\n');
}

/** All sessions, a line each. */
export function sessionsTable(sessions: readonly MaintenanceSession[]): string {
  if (sessions.length === 0) return 'no maintenance sessions';
  return table(
    ['SESSION', 'STATE', 'HOSTS', 'MAINTENANCE AT', 'REASON'],
    sessions.map(({ sessionId, state, hosts, maintenanceAt, reason = '' }) => [
      sessionId,
      state,
      `${hosts.filter((host) => host.state === 'maintained').length}/${hosts.length}`,
      maintenanceAt,
      reason,
    ]),
  );
}

/** One session with its hosts and projects. */
export function sessionText({
  sessionId,
  state,
  maintenanceAt,
  reason,
  hosts,
  projects,
}: MaintenanceSession): string {
  return [
    `session   ${sessionId}`,
    `state     ${state}`,
    `begins    ${maintenanceAt}`,
    ...(reason ? [`reason    ${reason}`] : []),
    '',
    table(
      ['HOST', 'STATE'],
      hosts.map((host) => [host.hostname, host.state]),
    ),
    '',
    table(
      ['PROJECT', 'ASKED ABOUT', 'ANSWER'],
      projects.map((project) => [project.projectId, project.state, project.answer ?? '']),
    ),
  ].join('\n');
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** What a session would do. */
export function planText({ hosts, moves, scaleIn, shortages, estimatedMs }: MaintenancePlan): string {
  if (shortages.length > 0) return ['cannot be done:', ...shortages.map((each) => `- ${each}`)].join('\n');
  const prepare = moves.filter((move) => move.prepare);
  const lines = [`${hosts.flat().length} hosts, ${moves.length} moves, about ${duration(estimatedMs)}`];
  if (scaleIn)
    lines.push(
      `projects have to release ${scaleIn.vcpus} vCPUs and ${scaleIn.memoryMb} MiB; these instances would do: ${scaleIn.instances.join(', ')}`,
    );
  if (prepare.length > 0) lines.push(`${prepare.length} of the moves only make room for the first hosts`);
  const body = hosts.map((wave, index) => {
    const here = moves.filter((move) => !move.prepare && wave.includes(move.from));
    const targets = here.map(({ instanceId, from, to }) => `${instanceId}: ${from} → ${to}`);
    return [String(index + 1), wave.join(', '), targets.join(', ') || 'empty'];
  });
  return [...lines, '', table(['WAVE', 'HOSTS', 'MOVES'], body)].join('\n');
}
