import { renderToStaticMarkup } from 'preact-render-to-string';
import { formatMs } from '../../profiler/index.js';
import type { ScenarioOutcome } from '../../scenarios/engine/types.js';
import { type Report, resultOf } from '../result.js';
import type { ScenarioResult } from '../result-schema.js';
import { ChartKey, FaultChart } from './chart.js';
import { SCRIPT, STYLE } from './style.js';
import { Badge, Checkpoints, Checks, Configuration, Events, Steps } from './tables.js';

/** report.html: one file, readable without a network. */
export function reportHtml(report: Report): string {
  return `<!doctype html>${renderToStaticMarkup(<Page report={report} />)}`;
}

function Page({ report }: { report: Report }) {
  const { verdict } = resultOf(report);
  const started = new Date(report.startedAt).toUTCString();
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
        />
        <link rel="icon" href="data:," />
        <title>{`Doctor ${verdict}: ${report.runId}`}</title>
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <div class="page">
          <header>
            <h1>
              Doctor report
              <small>
                {started} · {report.cloud === 'embedded' ? 'embedded cloud' : 'OpenStack'} ·{' '}
                {formatMs(report.durationMs)}
              </small>
            </h1>
            <Badge verdict={verdict} big />
            <button type="button" id="theme" hidden>
              Light or dark
            </button>
          </header>
          {report.outcomes.map((outcome, index) => (
            <Scenario
              key={outcome.name}
              outcome={outcome}
              result={report.results[index]}
              limitMs={report.limits.notificationMs}
            />
          ))}
          <div class="card">
            <details>
              <summary>
                Configuration <span class="soft">{changed(report)}</span>
              </summary>
              <Configuration settings={report.settings} />
            </details>
            <details>
              <summary>
                Events <span class="soft">{report.events.length} shown; events.jsonl has all</span>
              </summary>
              <Events events={report.events} />
            </details>
          </div>
          <footer>
            Doctor {report.versions.doctor} · Node.js {report.versions.node} · run <code>{report.runId}</code>
          </footer>
        </div>
        <script dangerouslySetInnerHTML={{ __html: SCRIPT }} />
      </body>
    </html>
  );
}

function changed({ settings }: Report): string {
  const count = settings.filter(({ from }) => from !== 'default').length;
  return `${count} set, ${settings.length - count} at their default`;
}

interface ScenarioProps {
  outcome: ScenarioOutcome;
  result: ScenarioResult | undefined;
  limitMs: number | undefined;
}

function Scenario({ outcome, result, limitMs }: ScenarioProps) {
  const { profile, checks, leftovers, sections, steps } = outcome;
  return (
    <section class="card scenario" id={outcome.name}>
      <div class="head">
        <h2>{outcome.title}</h2>
        <Badge verdict={outcome.verdict} />
      </div>
      {outcome.reason === null ? null : <p class={`reason ${outcome.verdict}`}>{outcome.reason}</p>}
      {result ? <Figures result={result} /> : null}
      {profile?.detectionTimeMs === undefined ? null : (
        <div>
          <h3>From detection to notification</h3>
          <div class="scroll">
            <FaultChart profile={profile} limitMs={limitMs} />
          </div>
          <ChartKey instances={profile.instances.length} />
        </div>
      )}
      {sections.map(({ title, html }) => (
        <div key={title}>
          <h3>{title}</h3>
          <div class="scroll" dangerouslySetInnerHTML={{ __html: html }} />
        </div>
      ))}
      {checks.length + leftovers.length > 0 ? (
        <div>
          <h3>Checks</h3>
          <Checks checks={checks} leftovers={leftovers} />
        </div>
      ) : null}
      {profile ? (
        <details>
          <summary>Checkpoints</summary>
          <Checkpoints profile={profile} />
        </details>
      ) : null}
      <details open={outcome.verdict === 'failed'}>
        <summary>
          Steps <span class="soft">{formatMs(outcome.durationMs)} with clean-up</span>
        </summary>
        <Steps steps={steps} />
      </details>
      {result ? (
        <details>
          <summary>Components</summary>
          <Components plugins={result.plugins} />
        </details>
      ) : null}
    </section>
  );
}

function Components({ plugins }: { plugins: Readonly<Record<string, string>> }) {
  return (
    <table>
      <tbody>
        {Object.entries(plugins).map(([role, type]) => (
          <tr key={role}>
            <td class="name">{words(role)}</td>
            <td>{type}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const words = (role: string) => {
  const text = role.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return text.charAt(0).toUpperCase() + text.slice(1);
};

const time = (value: number | undefined) => (value === undefined ? undefined : formatMs(value));

function Figures({ result }: { result: ScenarioResult }) {
  const figures: [label: string, value: string | number | undefined, word?: boolean][] = [
    ['notification time', time(result.notificationTimeMs)],
    ['detection time', time(result.detectionTimeMs)],
    ['service downtime', time(result.serviceDowntimeMs)],
    ['hosts', result.hosts],
    [result.instances === 1 ? 'instance' : 'instances', result.instances],
    ['maintenance messages', result.messages],
    ['inspector mode', result.mode, true],
  ];
  const shown = figures.filter(([, value]) => value !== undefined);
  if (shown.length === 0) return null;
  return (
    <div class="figures">
      {shown.map(([label, value, word]) => (
        <div class="figure" key={label}>
          <b class={word ? 'word' : ''}>{value}</b>
          <span>{label}</span>
        </div>
      ))}
    </div>
  );
}
