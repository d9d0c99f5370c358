import { randomUUID } from 'node:crypto';
import { formatAtom, formatRule, type Rule, type Value } from './datalog/ast.js';
import { checkRule } from './datalog/check.js';
import { Evaluation, type FactSource, rowKey, type Row } from './datalog/evaluate.js';
import { parseRules, PolicySyntaxError } from './datalog/parser.js';
import type { DataSource } from './data-source.js';
import { CongressError } from './errors.js';

export interface Policy {
  id: string;
  name: string;
  abbreviation: string;
  description: string;
  owner_id: string;
  kind: string;
}

export interface StoredRule {
  id: string;
  name: string | null;
  comment: string;
  /** As it was written. */
  rule: Rule;
  /** With every argument in its place. */
  placed: Rule;
}

/** Rules, what follows from them, and the actions that new consequences set off. */
export class PolicyEngine implements FactSource {
  readonly policies: readonly Policy[] = [
    policy('classification', 'class', 'default policy', 'nonrecursive'),
    policy('action', 'actio', 'default action policy', 'action'),
  ];
  readonly #rules = new Map<string, StoredRule[]>(this.policies.map(({ name }) => [name, []]));
  readonly #sources: () => Iterable<DataSource>;
  #asked: ReadonlySet<string> = new Set();

  constructor(sources: () => Iterable<DataSource>) {
    this.#sources = sources;
  }

  rules(policyName: string): StoredRule[] {
    const rules = this.#rules.get(policyName);
    if (rules) return rules;
    throw new CongressError(
      404,
      `The specified policy does not exist.::Policy ID ${policyName} does not exist`,
      1020,
    );
  }

  /** @throws CongressError */
  insert(policyName: string, text: string, name: string | null, comment: string): StoredRule {
    const rules = this.rules(policyName);
    const [rule, placed] = this.#checked(text, rules);
    if (rules.some((other) => formatRule(other.rule) === formatRule(rule)))
      throw new CongressError(409, 'Rule already exists::(1008) Rule already exists', 1008);
    const stored = { id: randomUUID(), name, comment, rule, placed };
    rules.push(stored);
    return stored;
  }

  remove(policyName: string, id: string): StoredRule {
    const rules = this.rules(policyName);
    const index = rules.findIndex((rule) => rule.id === id);
    const [removed] = index < 0 ? [] : rules.splice(index, 1);
    if (removed) return removed;
    throw new CongressError(
      400,
      'Unknown error::(1000) Unknown error',
      1000,
      `ID: ${id}, policy_name: ${policyName}`,
    );
  }

  /** Tables that the rules of a policy speak of. */
  tables(policyName: string): string[] {
    const names = this.rules(policyName).flatMap(({ rule: { head, execute, body } }) => [
      ...(execute ? [] : [head]),
      ...body,
    ]);
    return [...new Set(names.map((atom) => formatAtom({ ...atom, args: [], named: [] })))];
  }

  rows(theory: string, table: string): Iterable<Row> | undefined {
    return this.#source(theory)?.tables.get(table);
  }

  evaluation(): Evaluation {
    const policies = [...this.#rules].map(
      ([name, rules]) => [name, rules.map(({ placed }) => placed)] as const,
    );
    return new Evaluation(new Map(policies), this);
  }

  /** Whether a rule uses the data source. */
  uses(source: string): boolean {
    return [...this.#rules.values()]
      .flat()
      .some(({ rule }) => rule.body.some(({ theory }) => theory === source));
  }

  /**
   * The actions that follow now and did not follow before: actions are done when they appear, not while they last.
   */
  newActions(): { source: DataSource; action: string; args: readonly Value[] }[] {
    const evaluation = this.evaluation();
    const found = this.policies.flatMap(({ name }) => evaluation.actions(name));
    const before = this.#asked;
    const keyOf = (one: (typeof found)[number]) => rowKey([one.theory, one.action, ...one.args]);
    this.#asked = new Set(found.map(keyOf));
    return found.flatMap((one) => {
      const source = this.#source(one.theory);
      return before.has(keyOf(one)) || !source ? [] : [{ source, action: one.action, args: one.args }];
    });
  }

  #source(name: string): DataSource | undefined {
    for (const source of this.#sources()) if (source.record.name === name) return source;
    return undefined;
  }

  #checked(text: string, rules: readonly StoredRule[]): [Rule, Rule] {
    try {
      const [rule, ...more] = parseRules(text);
      if (!rule) throw new PolicySyntaxError('Parse failure.');
      if (more.length > 0)
        throw new CongressError(
          400,
          `Received string representing more than 1 rule::Received multiple rules: ${[rule, ...more].map(formatRule).join('; ')}`,
          1003,
        );
      const around = {
        schema: (theory: string) => this.#source(theory),
        isPolicy: (theory: string) => this.#rules.has(theory),
      };
      return [
        rule,
        checkRule(
          rule,
          around,
          rules.map(({ placed }) => placed),
        ),
      ];
    } catch (error) {
      if (!(error instanceof PolicySyntaxError)) throw error;
      throw new CongressError(400, `Syntax error for rule::${error.message}`, 1002);
    }
  }
}

function policy(name: string, abbreviation: string, description: string, kind: string): Policy {
  return { id: randomUUID(), name, abbreviation, description, owner_id: 'user', kind };
}
