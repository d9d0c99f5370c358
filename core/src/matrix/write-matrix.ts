import type { ReportFolder } from '../report/index.js';
import { matrixHtml } from './html.js';
import { matrixJunit } from './junit.js';
import type { MatrixReport } from './types.js';

/** Writes matrix.json, junit.xml and matrix.html. */
export function writeMatrix(folder: ReportFolder, report: MatrixReport): void {
  folder.write('matrix.json', `${JSON.stringify(report, null, 2)}\n`);
  folder.write('junit.xml', matrixJunit(report));
  folder.write('matrix.html', matrixHtml(report));
}
