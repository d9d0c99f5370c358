import { renderToStaticMarkup } from 'preact-render-to-string';
import { formatMs } from '../profiler/index.js';
import { SCRIPT, STYLE } from '../report/html/style.js';
import { Badge } from '../report/html/tables.js';
import { countsOf, type Table, tables } from './table.js';
import type { MatrixReport } from './types.js';

/** matrix.html: one file, readable without a network, in the looks of report.html. */
export const matrixHtml = (report: MatrixReport): string =>
  `<!doctype html>${renderToStaticMarkup(<Page report={report} />)}`;

function Page({ report }: { report: MatrixReport }) {
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
        <title>{`Doctor matrix ${report.verdict}: ${report.runId}`}</title>
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <div class="page">
          <header>
            <h1>
              Doctor matrix
              <small>
                {new Date(report.startedAt).toUTCString()} · {countsOf(report.rows)} ·{' '}
                {formatMs(report.durationMs)}
              </small>
            </h1>
            <Badge verdict={report.verdict} big />
            <button type="button" id="theme" hidden>
              Light or dark
            </button>
          </header>
          {tables(report.rows).map((table) => (
            <Combinations key={table.title} table={table} />
          ))}
          <footer>
            Doctor {report.versions.doctor} · Node.js {report.versions.node} · run <code>{report.runId}</code>
          </footer>
        </div>
        <script dangerouslySetInnerHTML={{ __html: SCRIPT }} />
      </body>
    </html>
  );
}

function Combinations({ table: { title, head, rows, notes } }: { table: Table }) {
  const verdictAt = head.indexOf('verdict');
  return (
    <section class="card">
      <div class="head">
        <h2>{title}</h2>
      </div>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              {head.map((name, index) => (
                <th key={name} class={isFigure(index, verdictAt) ? 'num' : ''}>
                  {name}
                </th>
              ))}
              <th />
            </tr>
          </thead>
          <tbody>
            {rows.map(({ row, cells }) => (
              <tr key={cells.join(' ')}>
                {cells.map((cell, index) =>
                  index === verdictAt ? (
                    <td key={head[index]}>
                      <Badge verdict={row.verdict} />
                    </td>
                  ) : (
                    <td key={head[index]} class={isFigure(index, verdictAt) ? 'num' : 'soft'}>
                      {cell}
                    </td>
                  ),
                )}
                <td>{row.report === undefined ? null : <a href={row.report}>report</a>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {notes.map((note, index) => (
        <p class="soft" key={note}>{`(${index + 1}) ${note}`}</p>
      ))}
    </section>
  );
}

const isFigure = (index: number, verdictAt: number) => index === verdictAt + 1 || index === verdictAt + 2;
