import type { ReportFolder } from './folder.js';
import { reportHtml } from './html/index.js';
import { junitXml } from './junit.js';
import { type Report, resultOf } from './result.js';

/** Writes result.json, junit.xml and report.html; events.jsonl has been written all along. */
export function writeReport(folder: ReportFolder, report: Report): void {
  folder.write('result.json', `${JSON.stringify(resultOf(report), null, 2)}\n`);
  folder.write('junit.xml', junitXml(report.outcomes, report.startedAt));
  folder.write('report.html', reportHtml(report));
}
