import { formatMs } from '../profiler/index.js';
import type { MatrixReport, MatrixRow } from './types.js';
import { MATRIX_SCENARIOS } from './types.js';

/** Headings and cells of one scenario's combinations: what every form of the table shows. */
export interface Table {
  title: string;
  head: string[];
  rows: { row: MatrixRow; cells: string[] }[];
}

const figure = (ms: number | undefined) => (ms === undefined ? '' : formatMs(ms));
const words = (role: string) => role.replaceAll('_', ' ');

/** A table per scenario that has rows. */
export function tables(rows: readonly MatrixRow[]): Table[] {
  return MATRIX_SCENARIOS.flatMap(({ name, title, roles }) => {
    const own = rows.filter(({ scenario }) => scenario === name);
    if (own.length === 0) return [];
    const figureName = name === 'maintenance' ? 'service downtime' : 'notification time';
    return {
      title,
      head: ['cloud', ...roles.map(words), 'verdict', figureName, 'total', 'reason'],
      rows: own.map((row) => ({
        row,
        cells: [
          row.cloud,
          ...roles.map((role) => row.types[role] ?? ''),
          row.verdict,
          figure(name === 'maintenance' ? row.serviceDowntimeMs : row.notificationTimeMs),
          figure(row.totalMs),
          row.reason ?? '',
        ],
      })),
    };
  });
}

/** For the terminal; the reason, which may be long, stands last. */
export function textTable(
  { title, head, rows }: Table,
  paint: (row: MatrixRow, line: string) => string,
): string {
  const widths = head.map((name, index) =>
    index === head.length - 1
      ? 0
      : Math.max(name.length, ...rows.map(({ cells }) => cells[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  return [title, `  ${line(head)}`, ...rows.map(({ row, cells }) => paint(row, `  ${line(cells)}`))].join(
    '\n',
  );
}

/** `14 passed, 0 failed, 4 skipped` */
export function countsOf(rows: readonly MatrixRow[]): string {
  const count = (wanted: MatrixRow['verdict']) => rows.filter(({ verdict }) => verdict === wanted).length;
  return `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** docs/matrix.md */
export function markdown(report: MatrixReport): string {
  const parts = tables(report.rows).map(({ title, head, rows }) =>
    [
      `## ${title}`,
      '',
      `| ${head.join(' | ')} |`,
      `|${head.map(() => ' --- ').join('|')}|`,
      ...rows.map(({ cells }) => `| ${cells.map(cell).join(' | ')} |`),
    ].join('\n'),
  );
  return `# Every backend with every other

Written by \`npm run matrix -- --docs docs/matrix.md\` (\`doctor matrix\`) on ${report.startedAt.slice(0, 10)}, with Doctor
${report.versions.doctor} and Node.js ${report.versions.node}: ${countsOf(report.rows)}, in ${formatMs(report.durationMs)}.
A row is a run of the scenario in a process of its own; the total is that process' time from start to end. A plugin joins by
being installed: [how](plugins/matrix.md).

${parts.join('\n\n')}
`;
}
