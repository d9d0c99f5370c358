import type { Bar, HostRow, ProjectRow, Timeline } from './timeline.js';

const WIDTH = 1000;
const LABEL = 170;
const ROW = 34;
const TOP = 30;

const FILL: Record<Bar['kind'], string> = {
  disabled: 'var(--line)',
  maintenance: 'var(--accent)',
  down: 'var(--bad)',
};
const MEANING: Record<Bar['kind'], string> = {
  disabled: 'closed to new instances',
  maintenance: 'in maintenance',
  down: 'down',
};

const seconds = (ms: number) => `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;

/** Ticks that people like: at most ten. */
export function ticksOf(duration: number): number[] {
  const steps = [100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 3_600_000];
  const step = steps.find((each) => duration / each <= 10) ?? 3_600_000;
  return Array.from({ length: Math.floor(duration / step) + 1 }, (_, index) => index * step);
}

/** Hosts and projects on one scale of time. */
export function Gantt({ timeline }: { timeline: Timeline }) {
  const { duration, hosts, projects } = timeline;
  const x = (at: number) => LABEL + (at / duration) * (WIDTH - LABEL - 10);
  const lanes = projects.map(lanesOf);
  const projectTop = TOP + hosts.length * ROW;
  const heights = lanes.map((lane) => Math.max(ROW, lane * 13 + 12));
  const tops = heights.map(
    (_, index) => projectTop + heights.slice(0, index).reduce((sum, each) => sum + each, 0),
  );
  const height = projectTop + heights.reduce((sum, each) => sum + each, 0) + 6;
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${height}`}
      role="img"
      aria-label="Gantt of the maintenance session"
      style="width:100%;height:auto;font:12px system-ui,sans-serif"
    >
      {ticksOf(duration).map((tick) => (
        <g key={tick}>
          <line x1={x(tick)} x2={x(tick)} y1={TOP - 8} y2={height} stroke="var(--line)" />
          <text x={x(tick)} y={TOP - 14} text-anchor="middle" fill="var(--soft)" font-size="11">
            {seconds(tick)}
          </text>
        </g>
      ))}
      {hosts.map((host, index) => (
        <HostLane key={host.hostname} host={host} top={TOP + index * ROW} x={x} duration={duration} />
      ))}
      {projects.map((project, index) => (
        <ProjectLane key={project.projectId} project={project} top={tops[index] ?? 0} x={x} />
      ))}
    </svg>
  );
}

interface Lane {
  top: number;
  x(at: number): number;
}

function HostLane({ host, top, x, duration }: Lane & { host: HostRow; duration: number }) {
  const loads = host.loads.filter(({ at }, index, all) => all[index + 1]?.at !== at);
  return (
    <g>
      <text x={LABEL - 12} y={top + 19} text-anchor="end" fill="var(--ink)">
        {host.hostname}
      </text>
      <rect x={x(0)} y={top + 6} width={x(duration) - x(0)} height={ROW - 14} rx="4" fill="var(--track)" />
      {(['disabled', 'maintenance', 'down'] as const).flatMap((kind) =>
        host.bars
          .filter((bar) => bar.kind === kind)
          .map((bar) => (
            <rect
              key={`${kind} ${bar.from}`}
              x={x(bar.from)}
              y={top + 6}
              width={Math.max(2, x(bar.to) - x(bar.from))}
              height={ROW - 14}
              rx="3"
              fill={FILL[kind]}
            >
              <title>{`${host.hostname} ${MEANING[kind]}: ${seconds(bar.from)} to ${seconds(bar.to)}`}</title>
            </rect>
          )),
      )}
      {loads.map(({ at, count }, index) => {
        const room = x(loads[index + 1]?.at ?? duration) - x(at);
        return room < 12 ? null : (
          <text key={at} x={x(at) + 4} y={top + 20} fill="var(--ink)" font-size="11">
            {count}
          </text>
        );
      })}
    </g>
  );
}

/** So many rows of labels keep neighbours apart. */
const lanesOf = ({ messages }: ProjectRow): number =>
  Math.min(6, Math.max(1, messages.filter(({ state }) => state !== 'ADMIN_ACTION_DONE').length));

function ProjectLane({ project, top, x }: Lane & { project: ProjectRow }) {
  const lanes = lanesOf(project);
  let labelled = 0;
  const majors = project.messages.filter(({ state }) => state !== 'ADMIN_ACTION_DONE');
  return (
    <g>
      <text x={LABEL - 12} y={top + 20} text-anchor="end" fill="var(--ink)">
        <title>{project.projectId}</title>
        {`project ${project.projectId.slice(0, 8)}`}
      </text>
      {project.messages.map(({ at, state }, index) => {
        const minor = state === 'ADMIN_ACTION_DONE';
        // the same state again needs no second label
        const again =
          !minor &&
          majors[majors.findIndex((each) => each.at === at && each.state === state) - 1]?.state === state;
        const y = top + 14 + (minor ? 0 : ((again ? labelled : labelled++) % lanes) * 13);
        const right = x(at) < WIDTH - 190;
        return (
          <g key={index}>
            <circle
              cx={x(at)}
              cy={y}
              r={minor ? 2.5 : 4}
              fill={state === 'MAINTENANCE_FAILED' ? 'var(--bad)' : 'var(--notify)'}
            >
              <title>{`${state} at ${seconds(at)}`}</title>
            </circle>
            {minor || again ? null : (
              <text
                x={x(at) + (right ? 7 : -7)}
                y={y + 4}
                text-anchor={right ? 'start' : 'end'}
                font-size="10.5"
                fill="var(--soft)"
              >
                {state}
              </text>
            )}
          </g>
        );
      })}
    </g>
  );
}

/** Which instance was where: before, while each host was in maintenance, and after. */
export function Placements({ timeline }: { timeline: Timeline }) {
  const { hosts, placements } = timeline;
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Host</th>
            {placements.map(({ title }, index) => (
              <th key={index}>{title}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {hosts.map(({ hostname }) => (
            <tr key={hostname}>
              <td>{hostname}</td>
              {placements.map(({ byHost }, index) => (
                <td key={index}>{(byHost.get(hostname) ?? []).join(', ') || '—'}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
