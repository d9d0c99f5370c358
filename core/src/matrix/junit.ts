import { clean, newJunit } from '../report/index.js';
import { type MatrixReport, MATRIX_SCENARIOS } from './types.js';

/** JUnit XML: a suite per scenario, a case per combination. */
export function matrixJunit({ rows, startedAt }: MatrixReport): string {
  const report = newJunit();
  for (const { name } of MATRIX_SCENARIOS) {
    const suite = report.testSuite().name(`doctor.matrix.${name}`).timestamp(startedAt);
    for (const row of rows.filter(({ scenario }) => scenario === name)) {
      const testCase = suite
        .testCase()
        .className(`doctor.matrix.${name}.${row.cloud}`)
        .name(
          Object.entries(row.types)
            .map((pair) => pair.join(' '))
            .join(', '),
        )
        .time((row.totalMs ?? 0) / 1000);
      if (row.verdict === 'failed') testCase.failure(clean(row.reason ?? ''));
      else if (row.verdict === 'skipped') testCase.skipped();
    }
  }
  return report.build();
}
