import {
  type Atom,
  formatAtom,
  formatRule,
  isVariable,
  type Literal,
  type Rule,
  type Term,
  variablesOf,
} from './ast.js';
import { isBuiltin } from './builtins.js';
import { PolicySyntaxError } from './parser.js';

/** Columns of a table, in order; undefined: no such table. */
export interface Schema {
  columns(table: string): readonly string[] | undefined;
}

/** What is known beside the rules of a policy. */
export interface Surroundings {
  /** A data source's schema; undefined: no data source of that name. */
  schema(theory: string): Schema | undefined;
  isPolicy(theory: string): boolean;
}

/**
 * Checks a rule as Congress does when it is inserted and puts named arguments into their places.
 * @param others rules of the same policy, in the form that this function gives them
 * @throws PolicySyntaxError with Congress' words
 */
export function checkRule(rule: Rule, around: Surroundings, others: readonly Rule[]): Rule {
  for (const literal of rule.body) checkSchema(literal, around);
  const placed = { ...rule, body: rule.body.map((literal, index) => place(literal, index, around)) };
  checkSafety(placed);
  checkRecursion([...others, placed]);
  return placed;
}

function checkSchema(literal: Literal, around: Surroundings): void {
  const { theory, table, named, args } = literal;
  const text = formatAtom(literal, true);
  const schema = theory === undefined ? undefined : around.schema(theory);
  if (!schema) {
    if (named.length > 0)
      throw new PolicySyntaxError(`Literal ${text} uses named arguments, but the schema is unknown.`);
    return;
  }
  const columns = schema.columns(table);
  if (!columns) throw new PolicySyntaxError(`Literal ${text} uses unknown table ${table}.`);
  if (args.length > columns.length || (named.length === 0 && args.length !== columns.length))
    throw new PolicySyntaxError(
      `Literal ${text} contained ${args.length} arguments but only ${columns.length} arguments are permitted`,
    );
  for (const { column } of named)
    if (!columns.includes(column))
      throw new PolicySyntaxError(`In literal ${text} column name ${column} does not exist`);
}

function place(literal: Literal, index: number, around: Surroundings): Literal {
  if (literal.named.length === 0 || literal.theory === undefined) return literal;
  const columns = around.schema(literal.theory)?.columns(literal.table) ?? [];
  const byName = new Map(literal.named.map(({ column, term }) => [column, term]));
  const args = columns.map(
    (column, position): Term =>
      literal.args[position] ?? byName.get(column) ?? { variable: `x_${index}${position}` },
  );
  return { ...literal, args, named: [] };
}

function checkSafety(rule: Rule): void {
  const bound = new Set(rule.body.filter((each) => !each.negated && !isBuiltin(each)).flatMap(variablesOf));
  // a built-in's last argument is its result
  for (const literal of rule.body)
    if (isBuiltin(literal))
      for (const term of literal.args.slice(-1)) if (isVariable(term)) bound.add(term.variable);
  for (const variable of variablesOf(rule.head))
    if (!bound.has(variable))
      throw new PolicySyntaxError(
        `Variable ${variable} found in head but not in body, rule ${formatRule(rule)}`,
      );
  const unsafe = rule.body.filter(
    (literal) => literal.negated && variablesOf(literal).some((variable) => !bound.has(variable)),
  );
  if (unsafe.length > 0)
    throw new PolicySyntaxError(
      `Could not reorder rule ${formatRule(rule)}.  Unsafe lits: ${unsafe
        .map((literal) => `not ${formatAtom(literal)} (vars {${variablesOf(literal).join(', ')}})`)
        .join('; ')}`,
    );
}

/** The policy `classification` is of kind nonrecursive. */
function checkRecursion(rules: readonly Rule[]): void {
  const uses = new Map<string, Set<string>>();
  for (const { head, body, execute } of rules) {
    if (execute) continue;
    const targets = uses.get(keyOf(head)) ?? new Set();
    for (const literal of body) targets.add(keyOf(literal));
    uses.set(keyOf(head), targets);
  }
  const done = new Set<string>();
  const visit = (key: string, path: ReadonlySet<string>): void => {
    if (path.has(key)) throw new PolicySyntaxError('Rules are recursive');
    if (done.has(key)) return;
    for (const next of uses.get(key) ?? []) visit(next, new Set([...path, key]));
    done.add(key);
  };
  for (const key of uses.keys()) visit(key, new Set());
}

const keyOf = ({ theory, table }: Atom) => (theory === undefined ? table : `${theory}:${table}`);
