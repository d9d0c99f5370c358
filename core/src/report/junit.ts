import junit from 'junit-report-builder';
import type { ScenarioOutcome } from '../scenarios/engine/index.js';

// the package is CommonJS and exports the builder itself; its types say that it is under `default`
const builder = junit as unknown as (typeof junit)['default'];

/** A report without suites yet. */
export const newJunit = () => builder.newBuilder();

/** Without the characters that no XML document may hold, escaped or not (XML 1.0, 2.2). */
export const clean = (text: string) =>
  Array.from(text, (character) =>
    isXmlCharacter(character.codePointAt(0) ?? 0) ? character : '\ufffd',
  ).join('');

const isXmlCharacter = (code: number) =>
  code === 9 ||
  code === 10 ||
  code === 13 ||
  (code >= 0x20 && code <= 0xd7ff) ||
  (code >= 0xe000 && code <= 0xfffd) ||
  code >= 0x10000;

/** JUnit XML: a suite per scenario, a case per step and per check. */
export function junitXml(outcomes: readonly ScenarioOutcome[], startedAt: string): string {
  const report = newJunit();
  for (const outcome of outcomes) {
    const suite = report
      .testSuite()
      .name(`doctor.${outcome.name}`)
      .timestamp(startedAt)
      .time(outcome.durationMs / 1000);
    for (const step of outcome.steps) {
      const testCase = suite
        .testCase()
        .className(`doctor.${outcome.name}.steps`)
        .name(clean(step.title))
        .time(step.durationMs / 1000);
      if (step.state === 'failed' && outcome.verdict === 'failed') testCase.failure(clean(step.detail));
      else if (step.state !== 'done') testCase.skipped();
    }
    for (const check of outcome.checks) {
      const testCase = suite.testCase().className(`doctor.${outcome.name}.checks`).name(clean(check.name));
      if (check.verdict === 'failed') testCase.failure(clean(check.detail));
    }
    for (const { resource, reason } of outcome.leftovers)
      suite
        .testCase()
        .className(`doctor.${outcome.name}.clean-up`)
        .name(clean(`remove ${resource}`))
        .failure(clean(reason));
  }
  return report.build();
}
