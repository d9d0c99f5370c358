import { mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import test from 'ava';
import { createEventBus } from '../bus/index.js';
import { silentLogger } from '../log/index.js';
import { createVirtualClock } from '../testing/virtual-clock.js';
import { EventLog } from './event-log.js';
import { exampleReport } from './example.test.helper.js';
import { ReportFolder } from './folder.js';
import { reportHtml } from './html/index.js';
import { junitXml } from './junit.js';
import { resultOf } from './result.js';
import { ResultSchema } from './result-schema.js';
import { writeReport } from './write-report.js';

const temporary = (t: { teardown(fn: () => void): void }) => {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-report-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

test('result.json fits its schema, and the schema notices what does not', (t) => {
  for (const failed of [false, true]) {
    const result = resultOf(exampleReport({ failed, instances: 3 }));
    t.deepEqual([...Value.Errors(ResultSchema, result)], []);
    t.is(result.verdict, failed ? 'failed' : 'passed');
  }
  const result = resultOf(exampleReport());
  t.false(Value.Check(ResultSchema, { ...result, schema: 2 }));
  t.false(
    Value.Check(ResultSchema, { ...result, scenarios: [{ ...result.scenarios[0], checks: undefined }] }),
  );
  t.false(Value.Check(ResultSchema, { ...result, more: 1 }));
});

test('a run that was not through, or ran nothing, has not passed', (t) => {
  t.is(resultOf({ ...exampleReport(), complete: false }).verdict, 'failed');
  t.is(resultOf({ ...exampleReport(), results: [] }).verdict, 'failed');
});

test('JUnit counts cases and failures, and escapes what was seen', (t) => {
  const xml = junitXml(exampleReport({ failed: true }).outcomes, '2026-11-23T18:30:00.000Z');
  // 3 steps, 3 checks, 1 thing left behind; one check and the clean-up failed, one step was not reached
  t.regex(xml, /<testsuite name="doctor\.fault_management"[^>]* tests="7"/);
  t.regex(xml, /<testsuite[^>]* failures="2"/);
  t.regex(xml, /<testsuite[^>]* skipped="1"/);
  t.true(
    xml.includes('&lt;b>instance-0&lt;/b> &amp;') || xml.includes('&lt;b&gt;instance-0&lt;/b&gt; &amp;'),
  );
  t.false(xml.includes('<b>'));
  // a control character would make the whole document unreadable
  t.false(xml.includes('\u0007'));
});

test('report.html is one file without an address of anything outside, and escapes what was seen', (t) => {
  const html = reportHtml(exampleReport({ failed: true, name: '<img src=x onerror=alert(1)>' }));
  t.true(html.startsWith('<!doctype html>'));
  t.notRegex(html, /(src|href)="(?!data:,)/);
  t.notRegex(html, /url\(|@import|https?:/);
  t.false(html.includes('<img'));
  t.true(html.includes('&lt;b>instance-0&lt;/b>'));
  t.true(html.includes('network &lt;net>'));
});

test('report.html has the time line of every checkpoint and its figures', (t) => {
  const html = reportHtml(exampleReport({ instances: 100 }));
  for (const text of [
    'T02',
    'T09',
    'alarm received by the consumer',
    'first to last of 100 instances',
    'limit',
  ])
    t.true(html.includes(text), text);
  t.true(html.includes('6.40 ms'));
});

test('report.html shows sections of scenarios as they are', (t) => {
  const report = exampleReport();
  report.outcomes[0]?.sections.push({ title: 'Hosts', html: '<svg id="gantt"></svg>' });
  t.true(reportHtml(report).includes('<svg id="gantt"></svg>'));
});

test('the folder has all files, and latest points at it', (t) => {
  const root = temporary(t);
  const folder = new ReportFolder(root, 'run-1');
  writeReport(folder, exampleReport());
  t.like(JSON.parse(readFileSync(join(root, 'run-1', 'result.json'), 'utf8')), {
    schema: 1,
    verdict: 'passed',
  });
  for (const name of ['junit.xml', 'report.html'])
    t.true(readFileSync(folder.file(name), 'utf8').length > 100);
  const second = new ReportFolder(root, 'run-2');
  t.is(readlinkSync(join(root, 'latest')), 'run-2');
  t.is(second.path, join(root, 'run-2'));
});

test('a folder that cannot be written is refused at once, by name', (t) => {
  const root = temporary(t);
  writeFileSync(join(root, 'file'), '');
  t.throws(() => new ReportFolder(join(root, 'file'), 'run-1'), {
    code: 'FILE_UNWRITABLE',
    message: /file\/run-1 cannot be written \(ENOTDIR\); set report\.folder/,
  });
});

test('events are written as they happen, one a line, in order', async (t) => {
  const clock = createVirtualClock();
  const events = createEventBus(clock, silentLogger);
  const path = join(temporary(t), 'events.jsonl');
  const log = new EventLog(path);
  log.attach(events, { scenario: 'one' });
  events.emit('network.cut', { hostname: 'compute-1' });
  await clock.advance(5);
  events.emit('network.restored', { hostname: 'compute-1' });
  await clock.advance(1);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  t.deepEqual(
    lines.map((line) => JSON.parse(line) as unknown),
    [
      { scenario: 'one', sequence: 0, at: 0, name: 'network.cut', data: { hostname: 'compute-1' } },
      { scenario: 'one', sequence: 1, at: 5, name: 'network.restored', data: { hostname: 'compute-1' } },
    ],
  );
  events.emit('network.cut', { hostname: 'compute-2' });
  log.close();
  t.is(readFileSync(path, 'utf8').trimEnd().split('\n').length, 3);
});
