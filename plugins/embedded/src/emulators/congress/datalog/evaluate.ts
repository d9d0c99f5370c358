import { type Atom, isVariable, type Literal, type Rule, type Term, type Value } from './ast.js';
import { applyBuiltin, isBuiltin, isFunction } from './builtins.js';

export type Row = readonly Value[];
type Bindings = ReadonlyMap<string, Value>;

/** Where facts come from: tables of data sources. */
export interface FactSource {
  /** undefined: no such data source or table. */
  rows(theory: string, table: string): Iterable<Row> | undefined;
}

/** One row, for comparisons. */
export const rowKey = (row: Row): string => JSON.stringify(row);

class Relation {
  readonly rows: Row[] = [];
  readonly #keys = new Set<string>();
  readonly #indexes = new Map<string, Map<string, Row[]>>();

  add(row: Row): void {
    const key = rowKey(row);
    if (this.#keys.has(key)) return;
    this.#keys.add(key);
    this.rows.push(row);
  }

  /** Rows that have these values in these places; the index is made when it is first needed. */
  matching(places: readonly number[], values: readonly Value[]): readonly Row[] {
    if (places.length === 0) return this.rows;
    const name = places.join(',');
    let index = this.#indexes.get(name);
    if (!index) {
      index = new Map();
      for (const row of this.rows) {
        const key = rowKey(places.map((place) => row[place] as Value));
        const same = index.get(key);
        if (same) same.push(row);
        else index.set(key, [row]);
      }
      this.#indexes.set(name, index);
    }
    return index.get(rowKey(values)) ?? [];
  }
}

/**
 * Evaluates nonrecursive Datalog with negation bottom up. One instance is one moment: each table is computed once.
 */
export class Evaluation {
  readonly #relations = new Map<string, Relation>();

  /** @param policies rules by policy, as `checkRule` gives them */
  constructor(
    readonly policies: ReadonlyMap<string, readonly Rule[]>,
    readonly facts: FactSource,
  ) {}

  /** Rows of a policy's table. */
  table(policy: string, table: string): readonly Row[] {
    return this.#relation(policy, { theory: undefined, table, args: [], named: [] }).rows;
  }

  /** Ground actions that the `execute[...]` rules of a policy ask for. */
  actions(policy: string): { theory: string; action: string; args: Row }[] {
    const found = new Map<string, { theory: string; action: string; args: Row }>();
    for (const rule of this.policies.get(policy) ?? []) {
      if (!rule.execute) continue;
      for (const args of this.#heads(policy, rule)) {
        const action = { theory: rule.head.theory ?? policy, action: rule.head.table, args };
        found.set(rowKey([action.theory, action.action, ...args]), action);
      }
    }
    return [...found.values()];
  }

  #relation(policy: string, { theory, table }: Atom): Relation {
    const owner = theory ?? policy;
    const key = `${owner}:${table}`;
    const known = this.#relations.get(key);
    if (known) return known;
    const relation = new Relation();
    this.#relations.set(key, relation);
    const rules = this.policies.get(owner);
    if (rules) {
      for (const rule of rules)
        if (!rule.execute && rule.head.table === table)
          for (const row of this.#heads(owner, rule)) relation.add(row);
    } else for (const row of this.facts.rows(owner, table) ?? []) relation.add(row);
    return relation;
  }

  *#heads(policy: string, rule: Rule): Generator<Row> {
    for (const bindings of this.#body(policy, inSafeOrder(rule.body), new Map()))
      yield rule.head.args.map((term) => valueOf(term, bindings) as Value);
  }

  *#body(policy: string, body: readonly Literal[], bindings: Bindings): Generator<Bindings> {
    const [literal, ...rest] = body;
    if (!literal) return yield bindings;
    for (const next of this.#literal(policy, literal, bindings)) yield* this.#body(policy, rest, next);
  }

  *#literal(policy: string, literal: Literal, bindings: Bindings): Generator<Bindings> {
    const matches = isBuiltin(literal)
      ? builtin(literal, bindings)
      : this.#matches(policy, literal, bindings);
    if (!literal.negated) yield* matches;
    else if (matches.next().done) yield bindings;
  }

  *#matches(policy: string, literal: Literal, bindings: Bindings): Generator<Bindings> {
    const values = literal.args.map((term) => valueOf(term, bindings));
    const places = values.flatMap((value, place) => (value === undefined ? [] : [place]));
    const wanted = places.map((place) => values[place] as Value);
    for (const row of this.#relation(policy, literal).matching(places, wanted)) {
      const next = unify(literal.args, row, bindings);
      if (next) yield next;
    }
  }
}

function* builtin(literal: Literal, bindings: Bindings): Generator<Bindings> {
  const values = literal.args.map((term) => valueOf(term, bindings));
  const result = applyBuiltin(literal.table, values);
  if (!isFunction(literal.table)) {
    if (result === true) yield bindings;
    return;
  }
  const last = literal.args.at(-1) as Term;
  const expected = valueOf(last, bindings);
  if (typeof result === 'boolean' || (expected !== undefined && expected !== result)) return;
  yield isVariable(last) ? new Map(bindings).set(last.variable, result) : bindings;
}

/** Tables first, then built-ins, then what is negated: everything is bound when it is needed. */
function inSafeOrder(body: readonly Literal[]): Literal[] {
  const rank = (literal: Literal) => (literal.negated ? 2 : isBuiltin(literal) ? 1 : 0);
  return body.toSorted((a, b) => rank(a) - rank(b));
}

function valueOf(term: Term, bindings: Bindings): Value | undefined {
  return isVariable(term) ? bindings.get(term.variable) : term.constant;
}

function unify(args: readonly Term[], row: Row, bindings: Bindings): Bindings | undefined {
  if (args.length !== row.length) return undefined;
  const next = new Map(bindings);
  for (const [place, term] of args.entries()) {
    const value = row[place] as Value;
    if (!isVariable(term)) {
      if (term.constant !== value) return undefined;
      continue;
    }
    const known = next.get(term.variable);
    if (known !== undefined && known !== value) return undefined;
    next.set(term.variable, value);
  }
  return next;
}
