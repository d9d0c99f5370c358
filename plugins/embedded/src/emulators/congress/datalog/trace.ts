import { type Atom, formatAtom, formatRule, isVariable, type Rule, type Term, type Value } from './ast.js';
import type { FactSource, Row } from './evaluate.js';

type Substitution = Map<string, Term>;

/**
 * A query answered top down, told step by step as Congress' `trace=true` tells it. For reading; the answers themselves
 * come from {@link Evaluation}. Negation and built-ins are not followed.
 */
export function traceQuery(
  policy: { name: string; abbreviation: string; rules: readonly Rule[] },
  facts: FactSource,
  table: string,
  arity: number,
): string {
  const lines: string[] = [];
  const say = (theory: string, depth: number, text: string) =>
    lines.push(`${theory.slice(0, 5)} : ${'| '.repeat(depth)}${text}`);
  const query: Atom = {
    theory: undefined,
    table,
    args: Array.from({ length: arity }, (_, place) => ({ variable: `x${place}` })),
    named: [],
  };
  const answers: string[] = [];

  function* solve(atom: Atom, given: Substitution, depth: number): Generator<Substitution> {
    const isFact = atom.theory !== undefined && atom.theory !== policy.name;
    const label = isFact ? (atom.theory as string) : policy.abbreviation;
    const shown = () => formatAtom(applied(atom, given));
    say(label, depth, `Call: ${shown()}`);
    const ways = isFact ? factsOf(atom, given, depth, label) : rulesOf(atom, given, depth, label);
    for (const found of ways) {
      // Congress names the theory it has been in last
      const last = isFact ? label : lastTheory(atom);
      say(last, depth, `Exit: ${formatAtom(applied(atom, found))}`);
      yield found;
      say(last, depth, `Redo: ${formatAtom(applied(atom, found))}`);
    }
    say(label, depth, `Fail: ${shown()}`);
  }

  function lastTheory(atom: Atom): string {
    const rule = policy.rules.find(({ head, execute }) => !execute && head.table === atom.table);
    return rule?.body.at(-1)?.theory ?? policy.abbreviation;
  }

  function* factsOf(atom: Atom, given: Substitution, depth: number, label: string) {
    const rows = [...(facts.rows(atom.theory as string, atom.table) ?? [])];
    for (const row of rows) {
      const found = unifyRow(applied(atom, given).args, row, given);
      if (!found) continue;
      say(
        label,
        depth,
        `Note: Trying ${formatAtom({ ...atom, theory: undefined, args: row.map(constant) })}`,
      );
      yield found;
    }
  }

  function* rulesOf(atom: Atom, given: Substitution, depth: number, label: string) {
    for (const rule of policy.rules) {
      if (rule.execute || rule.head.table !== atom.table || rule.head.args.length !== atom.args.length)
        continue;
      say(label, depth, `Note: Trying ${formatRule(rule)}`);
      const inner: Substitution = new Map();
      for (const [place, term] of rule.head.args.entries())
        if (isVariable(term)) inner.set(term.variable, walk(atom.args[place] as Term, given));
      for (const found of bodyOf(rule.body, inner, depth + 1)) {
        const outer = new Map([...given, ...[...found].filter(([name]) => /^x\d+$/.test(name))]);
        for (const [place, term] of atom.args.entries())
          if (isVariable(term)) outer.set(term.variable, walk(rule.head.args[place] as Term, found));
        yield outer;
      }
    }
  }

  function* bodyOf(body: Rule['body'], given: Substitution, depth: number): Generator<Substitution> {
    const [literal, ...rest] = body;
    if (!literal) return yield given;
    for (const found of solve(literal, given, depth)) yield* bodyOf(rest, found, depth);
  }

  for (const found of solve(query, new Map(), 0)) answers.push(formatAtom(applied(query, found)));
  say(policy.abbreviation, 0, `Found answer [${[...new Set(answers)].join(', ')}]`);
  return `${lines.join('\n')}\n`;
}

const constant = (value: Value): Term => ({ constant: value });

function walk(term: Term, given: Substitution): Term {
  let at = term;
  while (isVariable(at)) {
    const next = given.get(at.variable);
    if (!next || (isVariable(next) && next.variable === at.variable)) return at;
    at = next;
  }
  return at;
}

const applied = (atom: Atom, given: Substitution): Atom => ({
  theory: atom.theory,
  table: atom.table,
  args: atom.args.map((term) => walk(term, given)),
  named: [],
});

function unifyRow(args: readonly Term[], row: Row, given: Substitution): Substitution | undefined {
  const found = new Map(given);
  for (const [place, term] of args.entries()) {
    const value = row[place] as Value;
    const at = walk(term, found);
    if (!isVariable(at)) {
      if (at.constant !== value) return undefined;
    } else found.set(at.variable, constant(value));
  }
  return found;
}
