import { formatMs } from '../profiler/index.js';
import type { MatrixReport, MatrixRow } from './types.js';
import { MATRIX_SCENARIOS } from './types.js';

/** Headings and cells of one scenario's combinations: what every form of the table shows. */
export interface Table {
  title: string;
  head: string[];
  rows: { row: MatrixRow; cells: string[] }[];
  /** Reasons that many rows share; their cells say `(1)`. */
  notes: string[];
}

const figure = (ms: number | undefined) => (ms === undefined ? '' : formatMs(ms));
const words = (role: string) => role.replaceAll('_', ' ');

/** A table per scenario that has rows. */
export function tables(rows: readonly MatrixRow[]): Table[] {
  return MATRIX_SCENARIOS.flatMap(({ name, title, roles }) => {
    const own = rows.filter(({ scenario }) => scenario === name);
    if (own.length === 0) return [];
    const notes = sharedReasons(own);
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
          reasonText(row, notes),
        ],
      })),
      notes,
    };
  });
}

/** Rows that share a reason before it becomes a note. */
const SHARED = 3;

function sharedReasons(rows: readonly MatrixRow[]): string[] {
  const counts = new Map<string, number>();
  for (const { reason } of rows) if (reason !== null) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].filter(([, count]) => count >= SHARED).map(([reason]) => reason);
}

function reasonText({ reason }: MatrixRow, notes: readonly string[]): string {
  const note = reason === null ? -1 : notes.indexOf(reason);
  return note < 0 ? (reason ?? '') : `(${note + 1})`;
}

/** For the terminal; the reason, which may be long, stands last. */
export function textTable(
  { title, head, rows, notes }: Table,
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
  return [
    title,
    `  ${line(head)}`,
    ...rows.map(({ row, cells }) => paint(row, `  ${line(cells)}`)),
    ...notes.map((note, index) => `  (${index + 1}) ${note}`),
  ].join('\n');
}

/** `14 passed, 0 failed, 4 skipped` */
export function countsOf(rows: readonly MatrixRow[]): string {
  const count = (wanted: MatrixRow['verdict']) => rows.filter(({ verdict }) => verdict === wanted).length;
  return `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** docs/matrix.md */
export function markdown(report: MatrixReport): string {
  const parts = tables(report.rows).map(({ title, head, rows, notes }) =>
    [
      `## ${title}`,
      '',
      `| ${head.join(' | ')} |`,
      `|${head.map(() => ' --- ').join('|')}|`,
      ...rows.map(({ cells }) => `| ${cells.map(cell).join(' | ')} |`),
      ...(notes.length > 0 ? [''] : []),
      ...notes.map((note, index) => `(${index + 1}) ${cell(note)}${index < notes.length - 1 ? '  ' : ''}`),
    ].join('\n'),
  );
  return `# Every backend with every other

Written by \`npm run matrix -- --docs docs/matrix.md\` (\`doctor matrix\`) on ${report.startedAt.slice(0, 10)}, with Doctor
${report.versions.doctor} and Node.js ${report.versions.node}: ${countsOf(report.rows)}, in ${formatMs(report.durationMs)}.
A row is a run of the scenario in a process of its own; the total is that process' time from start to end. A plugin joins by
being installed: [how](plugins/matrix.md). On the embedded cloud the foreign backends are emulations of real ones: each plugin's
readme says what proves them.

${parts.join('\n\n')}
`;
}
