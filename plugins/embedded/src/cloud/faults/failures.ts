/** What a seeded failure does to a call. */
export interface FailureRule {
  /**
   * Operation that fails, such as `nova.servers.reset_state`; `*` at the end stands for any rest
   * (`nova.*`), `*` alone for every call.
   */
  operation: string;
  /** Share of the calls that fail, 0 to 1. */
  rate: number;
  /** An HTTP status to answer with, `hang` (never answer) or `drop` (close the connection). */
  effect: number | 'hang' | 'drop';
  /** Fail before the operation is done (default), or after: it took effect, and the answer is lost. */
  when?: 'before' | 'after';
  /** At most so many failures, then the rule is spent. Default: no limit. */
  times?: number;
}

/** Draws, per call, whether and how it fails. */
export class FailurePlan {
  readonly #rules: { rule: FailureRule; left: number; matches: (operation: string) => boolean }[];
  readonly #random: () => number;

  constructor(rules: readonly FailureRule[], random: () => number) {
    this.#random = random;
    this.#rules = rules.map((rule) => ({
      rule,
      left: rule.times ?? Number.POSITIVE_INFINITY,
      matches: matcher(rule.operation),
    }));
  }

  /** Adds a rule to the running plan; the returned function removes it. */
  add(rule: FailureRule): () => void {
    const entry = { rule, left: rule.times ?? Number.POSITIVE_INFINITY, matches: matcher(rule.operation) };
    this.#rules.push(entry);
    return () => {
      const index = this.#rules.indexOf(entry);
      if (index >= 0) this.#rules.splice(index, 1);
    };
  }

  /** The failure of this call, if it is to fail. */
  draw(operation: string): FailureRule | undefined {
    if (this.#rules.length === 0) return undefined;
    for (const entry of this.#rules) {
      if (entry.left <= 0 || !entry.matches(operation) || this.#random() >= entry.rule.rate) continue;
      entry.left -= 1;
      return entry.rule;
    }
    return undefined;
  }
}

function matcher(pattern: string): (operation: string) => boolean {
  if (!pattern.endsWith('*')) return (operation) => operation === pattern;
  const prefix = pattern.slice(0, -1);
  return (operation) => operation.startsWith(prefix);
}
