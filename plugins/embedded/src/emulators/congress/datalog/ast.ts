/** A value in a table. */
export type Value = string | number;
export type Term = { variable: string } | { constant: Value };

/** `theory:table(arguments)`. */
export interface Atom {
  theory: string | undefined;
  table: string;
  args: readonly Term[];
  /** `column=term`, in the order written. */
  named: readonly { column: string; term: Term }[];
}
export interface Literal extends Atom {
  negated: boolean;
}
export interface Rule {
  head: Atom;
  /** The head is `execute[...]`: an action instead of a table. */
  execute: boolean;
  body: readonly Literal[];
}

export const isVariable = (term: Term): term is { variable: string } => 'variable' in term;

const quote = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
export const formatTerm = (term: Term): string =>
  isVariable(term)
    ? term.variable
    : typeof term.constant === 'string'
      ? quote(term.constant)
      : String(term.constant);

/** @param sorted named arguments by name, as Congress does in its messages about a literal */
export function formatAtom(atom: Atom, sorted = false): string {
  const named = sorted ? atom.named.toSorted((a, b) => (a.column < b.column ? -1 : 1)) : atom.named;
  const args = [
    ...atom.args.map(formatTerm),
    ...named.map(({ column, term }) => `${column}=${formatTerm(term)}`),
  ];
  const name = atom.theory === undefined ? atom.table : `${atom.theory}:${atom.table}`;
  return args.length === 0 ? name : `${name}(${args.join(', ')})`;
}

export const formatLiteral = (literal: Literal, sorted = false): string =>
  `${literal.negated ? 'not ' : ''}${formatAtom(literal, sorted)}`;

const formatHead = ({ head, execute }: Rule) => (execute ? `execute[${formatAtom(head)}]` : formatAtom(head));

/** On one line. */
export function formatRule(rule: Rule): string {
  if (rule.body.length === 0) return formatHead(rule);
  return `${formatHead(rule)} :- ${rule.body.map((each) => formatLiteral(each)).join(', ')}`;
}

/** A line for each literal. */
export function prettyRule(rule: Rule): string {
  if (rule.body.length === 0) return formatHead(rule);
  return `${formatHead(rule)} :-\n  ${rule.body.map((each) => formatLiteral(each)).join(',\n  ')}`;
}

/** Names of the variables of an atom. */
export function variablesOf(atom: Atom): string[] {
  const terms = [...atom.args, ...atom.named.map(({ term }) => term)];
  return [...new Set(terms.filter(isVariable).map(({ variable }) => variable))];
}
