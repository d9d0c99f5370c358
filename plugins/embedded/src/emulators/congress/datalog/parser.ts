import type { Atom, Literal, Rule, Term } from './ast.js';
import { type Token, type TokenKind, tokens } from './lexer.js';

/** A text that is no policy. The message has Congress' words, a line for each place. */
export class PolicySyntaxError extends Error {
  override readonly name = 'PolicySyntaxError';
}

/** Thrown inside the parser to get to the next place where it can go on. */
class Resynchronise extends Error {}

/**
 * Reads rules: `head :- literal, ...`, also several one after the other.
 * @throws PolicySyntaxError
 */
export function parseRules(text: string): Rule[] {
  const parser = new Parser(tokens(text));
  const rules = parser.rules();
  if (parser.errors.length > 0) throw new PolicySyntaxError(`Parse failure.\n${parser.errors.join('\n')}`);
  return rules;
}

class Parser {
  readonly errors: string[] = [];
  #at = 0;

  constructor(readonly list: readonly Token[]) {}

  rules(): Rule[] {
    const rules: Rule[] = [];
    do {
      const rule = this.#rule();
      if (rule) rules.push(rule);
    } while (this.#next.kind !== 'end' && this.errors.length === 0);
    return rules;
  }

  #rule(): Rule | undefined {
    const head = this.#recovering(() => this.#head());
    if (!this.#take('implies')) return head && { ...head, body: [] };
    const body: Literal[] = [];
    do {
      const literal = this.#recovering(() => this.#literal());
      if (literal) body.push(literal);
    } while (this.#take(','));
    return head && { ...head, body };
  }

  #head(): { head: Atom; execute: boolean } {
    const name = this.#next;
    const opened = name.text === 'execute' && this.#peek(1).kind === '[';
    if (!opened) return { head: this.#atom(), execute: false };
    this.#at += 2;
    const head = this.#atom();
    this.#expect(']', 'RBRACKET');
    return { head, execute: true };
  }

  #literal(): Literal {
    const negated = this.#take('not') !== undefined;
    return { ...this.#atom(), negated };
  }

  #atom(): Atom {
    const first = this.#take('name') ?? this.#unexpected();
    const second = this.#take(':') && (this.#take('name') ?? this.#unexpected());
    const theory = second === undefined ? undefined : first.text;
    const table = (second ?? first).text;
    const atom = { theory, table, args: [] as Term[], named: [] as { column: string; term: Term }[] };
    if (!this.#take('(')) return atom;
    if (this.#next.kind === 'end') this.#mismatch('RPAREN');
    if (this.#take(')')) return atom;
    do {
      this.#argument(atom);
    } while (this.#take(','));
    if (!this.#take(')')) this.#unexpected();
    return atom;
  }

  #argument(atom: { args: Term[]; named: { column: string; term: Term }[] }): void {
    const isNamed = this.#next.kind === 'name' && this.#peek(1).kind === '=';
    if (!isNamed) return void atom.args.push(this.#term());
    const column = this.#next.text;
    this.#at += 2;
    atom.named.push({ column, term: this.#term() });
  }

  #term(): Term {
    const token = this.#next;
    if (token.kind === 'name') {
      this.#at++;
      return { variable: token.text };
    }
    if (token.kind === 'string') {
      this.#at++;
      return { constant: token.text.slice(1, -1).replace(/\\(.)/g, '$1') };
    }
    if (token.kind === 'number') {
      this.#at++;
      return { constant: Number(token.text) };
    }
    return this.#unexpected();
  }

  get #next(): Token {
    return this.#peek(0);
  }
  #peek(ahead: number): Token {
    return this.list[Math.min(this.#at + ahead, this.list.length - 1)] as Token;
  }
  #take(kind: TokenKind): Token | undefined {
    if (this.#next.kind !== kind || kind === 'end') return undefined;
    return this.list[this.#at++];
  }
  #expect(kind: TokenKind, name: string): void {
    if (!this.#take(kind)) this.#mismatch(name);
  }
  #unexpected(): never {
    return this.#fail(`no viable alternative at input '${this.#next.text}'`);
  }
  #mismatch(name: string): never {
    return this.#fail(`mismatched input '${this.#next.text}' expecting ${name}`);
  }
  #fail(message: string): never {
    const { line, column } = this.#next;
    this.errors.push(`line:${line},col:${column}  ${message}`);
    throw new Resynchronise();
  }

  /** After an error the text goes on at the next `:-`, so that its body is looked at too. */
  #recovering<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Resynchronise)) throw error;
      while (this.#next.kind !== 'implies' && this.#next.kind !== 'end') this.#at++;
      return undefined;
    }
  }
}
