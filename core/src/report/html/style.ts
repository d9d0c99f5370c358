/** All of the page's looks; no fonts, images or addresses from elsewhere. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --bg: #f6f7f9; --card: #ffffff; --ink: #16202c; --soft: #5b6876; --line: #e2e6eb; --track: #eef1f4;
  --ok: #12805c; --ok-bg: #e2f5ed; --bad: #c0362c; --bad-bg: #fdeae8; --skip: #8a6100; --skip-bg: #fdf3d7;
  --accent: #2458d3; --detect: #7a8797; --act: #2458d3; --notify: #0f9d78; --code: #f1f4f7;
  --shadow: 0 1px 2px rgb(16 30 54 / 6%), 0 4px 16px rgb(16 30 54 / 5%);
}
@media (prefers-color-scheme: dark) { :root:not([data-theme=light]) {
  --bg: #0e131a; --card: #161d27; --ink: #e8edf3; --soft: #97a5b5; --line: #263140; --track: #1e2733;
  --ok: #4fd1a1; --ok-bg: #12352b; --bad: #ff8b80; --bad-bg: #43201d; --skip: #f0c35b; --skip-bg: #3d3013;
  --accent: #82aaff; --detect: #8493a5; --act: #82aaff; --notify: #4fd1a1; --code: #1e2733; --shadow: none;
} }
:root[data-theme=dark] {
  color-scheme: dark;
  --bg: #0e131a; --card: #161d27; --ink: #e8edf3; --soft: #97a5b5; --line: #263140; --track: #1e2733;
  --ok: #4fd1a1; --ok-bg: #12352b; --bad: #ff8b80; --bad-bg: #43201d; --skip: #f0c35b; --skip-bg: #3d3013;
  --accent: #82aaff; --detect: #8493a5; --act: #82aaff; --notify: #4fd1a1; --code: #1e2733; --shadow: none;
}
:root[data-theme=light] { color-scheme: light; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--bg); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif; }
.page { max-width: 1080px; margin: 0 auto; padding: 32px 20px 64px; }
header { display: flex; flex-wrap: wrap; gap: 12px 20px; align-items: center; margin-bottom: 24px; }
header h1 { font-size: 22px; line-height: 1.25; margin: 0; letter-spacing: -.01em; flex: 1 1 260px; }
header h1 small { display: block; font-size: 13px; font-weight: 400; color: var(--soft); letter-spacing: 0; }
button { font: inherit; font-size: 13px; color: var(--soft); background: var(--card); border: 1px solid var(--line);
  border-radius: 8px; padding: 6px 12px; cursor: pointer; }
button:hover { color: var(--ink); border-color: var(--soft); }
button:focus-visible, summary:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; box-shadow: var(--shadow);
  padding: 22px 24px; margin: 0 0 20px; }
.card > h2, .scenario > h2 { font-size: 18px; margin: 0; letter-spacing: -.01em; }
a { color: var(--accent); }
h3 { font-size: 13px; text-transform: none; color: var(--soft); font-weight: 600; margin: 26px 0 10px; }
.head { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 12px; }
.head h2 { font-size: 18px; margin: 0; flex: 1 1 auto; }
.badge { display: inline-flex; align-items: center; gap: 6px; font-size: 13px; font-weight: 600; border-radius: 999px;
  padding: 3px 12px 3px 10px; white-space: nowrap; }
.badge::before { content: ""; width: 8px; height: 8px; border-radius: 50%; background: currentColor; }
.passed { color: var(--ok); background: var(--ok-bg); }
.failed { color: var(--bad); background: var(--bad-bg); }
.skipped { color: var(--skip); background: var(--skip-bg); }
.big { font-size: 16px; padding: 6px 16px 6px 14px; }
.reason { margin: 12px 0 0; padding: 10px 14px; border-radius: 10px; overflow-wrap: anywhere; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin-top: 18px; }
.figure { border: 1px solid var(--line); border-radius: 12px; padding: 12px 14px; min-width: 0; }
.figure b { display: block; font-size: 24px; line-height: 1.2; letter-spacing: -.02em; font-weight: 650;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.figure span { font-size: 12.5px; color: var(--soft); }
.figure b.word { font-size: 17px; line-height: 1.7; }
.scroll { overflow-x: auto; margin: 0 -4px; padding: 0 4px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; font-weight: 600; font-size: 12.5px; color: var(--soft); padding: 6px 14px 6px 0; white-space: nowrap; }
td { border-top: 1px solid var(--line); padding: 8px 14px 8px 0; vertical-align: top; overflow-wrap: break-word; }
td.mono, td.soft { overflow-wrap: anywhere; }
td:last-child, th:last-child { padding-right: 0; }
td.num, th.num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.mark { width: 26px; padding-right: 6px; }
td.name { min-width: 180px; }
td.soft, .soft { color: var(--soft); }
.tick { display: inline-block; width: 18px; height: 18px; line-height: 18px; border-radius: 50%; font-size: 11px;
  font-weight: 700; text-align: center; vertical-align: middle; position: relative; top: -1px; }
code, .mono { font-family: ui-monospace, SFMono-Regular, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 12.5px; }
details { margin-top: 18px; border-top: 1px solid var(--line); padding-top: 14px; }
.card > details:first-child { margin-top: 0; border-top: 0; padding-top: 0; }
summary { cursor: pointer; font-weight: 600; font-size: 14px; }
summary .soft { font-weight: 400; margin-left: 6px; }
details > :nth-child(2) { margin-top: 12px; }
.chart { display: block; width: 100%; min-width: 640px; height: auto; }
.chart text { font-family: inherit; font-size: 12.5px; fill: var(--ink); }
.chart .lbl { fill: var(--soft); }
.chart .id { font-weight: 650; }
.chart .num { font-variant-numeric: tabular-nums; text-anchor: end; }
.chart .grid { stroke: var(--line); stroke-width: 1; }
.chart .track { fill: var(--track); }
.chart .spread { opacity: .28; }
.chart .limit { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 4 4; }
.chart .limit-text { fill: var(--bad); font-size: 11.5px; }
.key { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 12.5px; color: var(--soft); margin-top: 8px; }
.key i { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 6px; }
input[type=search] { font: inherit; font-size: 13px; width: 100%; max-width: 320px; padding: 7px 12px; border-radius: 8px;
  border: 1px solid var(--line); background: var(--bg); color: var(--ink); margin-bottom: 10px; }
.events { max-height: 460px; overflow: auto; border: 1px solid var(--line); border-radius: 10px; padding: 0 12px; }
.events td { padding-top: 5px; padding-bottom: 5px; }
.events td.mono { color: var(--soft); }
.events td.event, .events td.at { white-space: nowrap; width: 1%; }
.inner summary { font-weight: 400; color: var(--soft); }
footer { color: var(--soft); font-size: 12.5px; margin-top: 28px; }
@media (max-width: 560px) { .page { padding: 20px 12px 48px; } .card { padding: 18px 16px; border-radius: 12px; }
  td.name { min-width: 120px; } .figure b { font-size: 21px; } }
@media print { body { background: #fff; } .card { box-shadow: none; break-inside: avoid; } button, input { display: none; } }
`;

/** Colours by day or night, and the filter of the events; the page is complete without it. */
export const SCRIPT = `
(() => {
  const root = document.documentElement;
  const toggle = document.getElementById('theme');
  const dark = () => root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  toggle.hidden = false;
  toggle.addEventListener('click', () => { root.dataset.theme = dark() ? 'light' : 'dark'; });
  const filter = document.getElementById('filter');
  if (!filter) return;
  filter.hidden = false;
  const rows = [...document.querySelectorAll('#events tr')];
  filter.addEventListener('input', () => {
    const wanted = filter.value.toLowerCase();
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
})();
`;
