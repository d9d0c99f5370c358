import { readFile, writeFile } from 'node:fs/promises';
import test from 'ava';
import { EDGES, stateDiagram } from '../admin-tool/transition/index.js';

const PAGE = new URL('../../../../docs/reference/maintenance-states.md', import.meta.url);

/** The page: `DOCTOR_WRITE_DOCS=1 npx ava …/state-machine-docs.test.js` writes it anew. */
const page = () => `# States of a maintenance session

Generated from the transitions that the admin tool \`sample\` allows; any other is refused.

\`\`\`mermaid
${stateDiagram()}
\`\`\`

| from | to | when |
| --- | --- | --- |
${EDGES.map(({ from, to, when }) => `| ${from} | ${to} | ${when} |`).join('\n')}
`;

test('the picture of the state machine in the docs is that of the code', async (t) => {
  if (process.env['DOCTOR_WRITE_DOCS']) await writeFile(PAGE, page());
  t.is(await readFile(PAGE, 'utf8'), page());
});

test('every state that is entered can be left, or is the end', (t) => {
  const from = new Set(EDGES.map((edge) => edge.from));
  const ends = new Set(EDGES.map((edge) => edge.to).filter((to) => !from.has(to)));
  t.deepEqual([...ends].toSorted(), ['MAINTENANCE_DONE', 'MAINTENANCE_FAILED']);
});
