import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { benches } from './benches.js';
import { Usage } from './options.js';
import type { BenchRow } from './rows.js';

const write = (text: string) => void process.stdout.write(text);
const names = Object.keys(benches);

const usage = new Usage(`npm run bench -- [NAME...] [--json FILE]\nnames: ${names.join(', ')}`);
const { values, positionals } = usage.read(() =>
  parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'string', default: 'reports/bench.json' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  }),
);
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) usage.refuse(`there is no ${unknown.join(', ')}`);

const results: Record<string, BenchRow[]> = {};
for (const name of positionals.length > 0 ? positionals : names) {
  write(`\n${name}\n`);
  const rows = await (benches[name] as () => Promise<BenchRow[]>)();
  results[name] = rows;
  write(table(rows));
}
const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length };
await mkdir(dirname(values.json), { recursive: true });
await writeFile(values.json, `${JSON.stringify({ ...machine, results }, null, 2)}\n`);
write(`\nwritten to ${values.json}\n`);
process.exit(0);

function table(rows: readonly BenchRow[]): string {
  const head = ['', 'unit', 'min', 'median', 'p99', 'floor', 'goal', ''];
  const lines = rows.map((row) => [
    row.name,
    row.unit,
    ...[row.min, row.median, row.p99, row.floor, row.goal].map((value) =>
      value === undefined ? '' : String(value),
    ),
    verdict(row),
  ]);
  const widths = head.map((_, column) =>
    Math.max(...[head, ...lines].map((line) => (line[column] ?? '').length)),
  );
  const shown = (line: string[]) =>
    line
      .map((cell, column) =>
        column < 2 || column > 6 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [head, ...lines].map((line) => `  ${shown(line)}\n`).join('');
}

function verdict({ unit, median, goal }: BenchRow): string {
  if (goal === undefined) return '';
  return (unit.endsWith('/s') ? median >= goal : median <= goal) ? 'reached' : 'MISSED';
}
