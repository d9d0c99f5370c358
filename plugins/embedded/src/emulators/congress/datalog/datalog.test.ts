import test from 'ava';
import { formatRule, prettyRule, type Rule } from './ast.js';
import { checkRule, type Surroundings } from './check.js';
import { Evaluation, type Row } from './evaluate.js';
import { parseRules } from './parser.js';

const COLUMNS: Record<string, Record<string, string[]>> = {
  nova: { servers: ['id', 'host', 'status'], 'servers.tags': ['id', 'tag'] },
  doctor: { events: ['host', 'status'] },
};
const around: Surroundings = {
  schema: (theory) => {
    const tables = COLUMNS[theory];
    return tables && { columns: (table) => tables[table] };
  },
  isPolicy: (theory) => theory === 'classification' || theory === 'action',
};

/** Rules as they are inserted one after the other. */
function rules(...texts: string[]): Rule[] {
  const inserted: Rule[] = [];
  for (const text of texts)
    for (const rule of parseRules(text)) inserted.push(checkRule(rule, around, inserted));
  return inserted;
}

const FACTS: Record<string, Row[]> = {
  'nova:servers': [
    ['vm-1', 'host-1', 'ACTIVE'],
    ['vm-2', 'host-1', 'SHUTOFF'],
    ['vm-3', 'host-2', 'ACTIVE'],
  ],
  'nova:servers.tags': [
    ['vm-1', 'precious'],
    ['vm-3', 7],
  ],
  'doctor:events': [
    ['host-1', 'down'],
    ['host-2', 'up'],
  ],
};
const evaluate = (...texts: string[]) =>
  new Evaluation(new Map([['classification', rules(...texts)]]), {
    rows: (theory, table) => FACTS[`${theory}:${table}`],
  });
const table = (name: string, ...texts: string[]) =>
  evaluate(...texts)
    .table('classification', name)
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

test('joins over tables of several data sources, named arguments in any order', (t) => {
  const found = table(
    'hit',
    'down(h) :- doctor:events(status="down", host=h)',
    'hit(vm, h) :- down(h), nova:servers(status="ACTIVE", host=h, id=vm)',
  );
  t.deepEqual(found, [['vm-1', 'host-1']]);
});

test('several rules of one head are a union, without duplicates', (t) => {
  t.deepEqual(table('p', 'p(h) :- doctor:events(h, s)', 'p(h) :- nova:servers(v, h, s)', 'p("x")'), [
    ['host-1'],
    ['host-2'],
    ['x'],
  ]);
});

test('negation, also of a table that rules make', (t) => {
  const safe = ['down(h) :- doctor:events(h, "down")', 'safe(vm) :- not down(h), nova:servers(vm, h, s)'];
  t.deepEqual(table('safe', ...safe), [['vm-3']]);
});

test('a variable twice in a literal, constants, numbers apart from texts', (t) => {
  t.deepEqual(table('p', 'p(x) :- nova:servers(x, y, y)'), []);
  t.deepEqual(table('p', 'p(x) :- nova:servers.tags(x, 7)'), [['vm-3']]);
  t.deepEqual(table('p', 'p(x) :- nova:servers.tags(x, "7")'), []);
});

test('built-ins', (t) => {
  t.deepEqual(table('p', 'p(x) :- nova:servers.tags(x, n), gt(n, 6), lt(n, 8)'), [['vm-3']]);
  t.deepEqual(table('p', 'p(y) :- nova:servers.tags(x, 7), builtin:plus(7, 1, y)'), [[8]]);
  t.deepEqual(table('p', 'p(x) :- equal(x, y), nova:servers(x, h, s), nova:servers.tags(y, t)'), [
    ['vm-1'],
    ['vm-3'],
  ]);
});

test('actions are ground, each once', (t) => {
  const actions = evaluate(
    'hit(vm, h) :- nova:servers(vm, h, "ACTIVE"), doctor:events(h, "down")',
    'execute[nova:servers.reset_state(vm, "error")] :- hit(vm, h)',
    'execute[nova:servers.reset_state(vm, "error")] :- hit(vm, h), nova:servers.tags(vm, x)',
  ).actions('classification');
  t.deepEqual(actions, [{ theory: 'nova', action: 'servers.reset_state', args: ['vm-1', 'error'] }]);
});

test('texts come back as they were sent, but for white space', (t) => {
  const [rule] = parseRules(`p(x,"a\\"b",-1.5):-nova:servers( id = x , host='h' ),not q(x) // why`);
  t.is(formatRule(rule as Rule), 'p(x, "a\\"b", -1.5) :- nova:servers(id=x, host="h"), not q(x)');
  t.is(prettyRule(rule as Rule), 'p(x, "a\\"b", -1.5) :-\n  nova:servers(id=x, host="h"),\n  not q(x)');
});

for (const [text, message] of [
  [
    'p(x :- q(',
    "Parse failure.\nline:1,col:4  no viable alternative at input ':-'\nline:1,col:9  mismatched input '<EOF>' expecting RPAREN",
  ],
  ['', "Parse failure.\nline:1,col:0  no viable alternative at input '<EOF>'"],
  ['p(x)\n :- q(x', "Parse failure.\nline:2,col:7  no viable alternative at input '<EOF>'"],
  ['p(x) :- doctor:nope(x)', 'Literal doctor:nope(x) uses unknown table nope.'],
  ['p(x) :- doctor:events(nope=x)', 'In literal doctor:events(nope=x) column name nope does not exist'],
  [
    'p(x) :- else:events(host=x)',
    'Literal else:events(host=x) uses named arguments, but the schema is unknown.',
  ],
  [
    'p(y) :- doctor:events(host=x)',
    'Variable y found in head but not in body, rule p(y) :- doctor:events(x, x_01)',
  ],
  [
    'p(x) :- nova:servers(x, h, s), not q(x, y)',
    'Could not reorder rule p(x) :- nova:servers(x, h, s), not q(x, y).  Unsafe lits: not q(x, y) (vars {x, y})',
  ],
] as const)
  test(`refused: ${text || 'nothing'}`, (t) => {
    t.is(t.throws(() => rules(text))?.message, message);
  });

test('recursion is refused, also through other tables', (t) => {
  t.throws(() => rules('p(x) :- p(x), doctor:events(x, y)'), { message: 'Rules are recursive' });
  t.throws(() => rules('p(x) :- q(x)', 'q(x) :- r(x)', 'r(x) :- p(x)'), { message: 'Rules are recursive' });
  t.notThrows(() => rules('p(x) :- q(x)', 'p(x) :- r(x)', 'q(x) :- r(x)'));
});

test('a join over thousands of rows does not compare all with all', (t) => {
  const servers: Row[] = Array.from({ length: 5_000 }, (_, n) => [`vm-${n}`, `host-${n % 500}`, 'ACTIVE']);
  const events: Row[] = Array.from({ length: 500 }, (_, n) => [`host-${n}`, 'down']);
  const evaluation = new Evaluation(
    new Map([
      ['classification', rules('hit(vm) :- doctor:events(h, "down"), nova:servers(vm, h, "ACTIVE")')],
    ]),
    { rows: (theory) => (theory === 'nova' ? servers : events) },
  );
  const began = performance.now();
  t.is(evaluation.table('classification', 'hit').length, 5_000);
  t.true(performance.now() - began < 2_000);
});
