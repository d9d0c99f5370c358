import test from 'ava';
import { matrixHtml } from './html.js';
import { matrixJunit } from './junit.js';
import { countsOf, markdown, tables, textTable } from './table.js';
import type { MatrixReport, MatrixRow } from './types.js';

const types = { inspector: 'congress', monitor: 'sample', notifier: 'aodh' };
const skipped: MatrixRow = {
  scenario: 'fault_management',
  cloud: 'openstack',
  types,
  verdict: 'skipped',
  reason: 'no cloud | none at all',
};
const passed: MatrixRow = {
  ...skipped,
  cloud: 'embedded',
  verdict: 'passed',
  reason: null,
  notificationTimeMs: 12.34,
  totalMs: 4_000,
  report: 'x/report.html',
};
const failed: MatrixRow = { ...passed, verdict: 'failed', reason: 'late <b>' };
const report: MatrixReport = {
  schema: 1,
  runId: 'run-1',
  verdict: 'failed',
  startedAt: '2030-01-01T00:00:00.000Z',
  durationMs: 61_000,
  versions: { doctor: '1.0.0', node: '20.20.0' },
  rows: [passed, failed, skipped, skipped, skipped],
};

test('a table per scenario; a reason of many rows is told once', (t) => {
  const [table, none] = tables(report.rows);
  t.is(none, undefined);
  t.deepEqual(table?.notes, ['no cloud | none at all']);
  t.deepEqual(
    table?.rows.map(({ cells }) => cells.at(-1)),
    ['', 'late <b>', '(1)', '(1)', '(1)'],
  );
  t.deepEqual(table?.rows[0]?.cells.slice(4, 7), ['passed', '12.3 ms', '4.00 s']);
  const text = textTable(table!, (_, line) => line);
  t.regex(text, /^Fault management\n {2}cloud +inspector +monitor +notifier +verdict/);
  t.regex(text, / {2}\(1\) no cloud \| none at all$/);
  t.is(countsOf(report.rows), '1 passed, 1 failed, 3 skipped');
});

test('as Markdown a bar in a reason does not end the cell', (t) => {
  t.regex(markdown({ ...report, rows: [skipped] }), /\| no cloud \\\| none at all \|\n/);
  t.regex(markdown(report), /1 passed, 1 failed, 3 skipped/);
});

test('as JUnit and as a page', (t) => {
  const xml = matrixJunit(report);
  t.regex(xml, /tests="5" failures="1" errors="0" skipped="3"/);
  t.regex(xml, /late &lt;b>/);
  const html = matrixHtml(report);
  t.regex(html, /late &lt;b>|late &lt;b&gt;/);
  t.regex(html, /<a href="x\/report.html">report<\/a>/);
  t.notRegex(html, /https?:\/\//);
});
