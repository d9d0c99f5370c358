import { DoctorError } from '../errors/index.js';

/** What a Python literal can be: lists and tuples become arrays, dicts become objects with text keys. */
export type PythonValue = null | boolean | number | string | PythonValue[] | { [key: string]: PythonValue };

const DEEPEST = 100;
const WORDS: Readonly<Record<string, null | boolean>> = { None: null, True: true, False: false };
const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const WORD = /[A-Za-z_]\w*/y;
const STRING_START = /[uU]?(['"])/y;
const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\n': '',
};
const HEX_ESCAPES: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/**
 * Reads the literals that Ceilometer makes of lists and dicts in a notification's payload (`repr` of Python 2 and 3):
 * `"['MIGRATE', u'LIVE_MIGRATE']"`, `"{'k': None}"`. Nothing is evaluated: whatever is not a literal is refused.
 * @throws DoctorError INPUT_INVALID that says what was found where; a text that Ceilometer cut at 255 characters ends too early
 */
export function parsePythonLiteral(text: string): PythonValue {
  return new Parser(text).parse();
}

class Parser {
  #at = 0;
  #depth = 0;

  constructor(private readonly text: string) {}

  parse(): PythonValue {
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.text.length) throw this.#unexpected('the end');
    return value;
  }

  #value(): PythonValue {
    this.#skipSpace();
    const next = this.text[this.#at];
    if (next === '[') return this.#nested(() => this.#list(']').items);
    if (next === '(') return this.#nested(() => this.#tuple());
    if (next === '{') return this.#nested(() => this.#dict());
    const quote = this.#match(STRING_START)?.[1];
    if (quote) return this.#string(quote);
    const number = this.#match(NUMBER)?.[0];
    if (number) return this.#number(number);
    const start = this.#at;
    const word = this.#match(WORD)?.[0];
    if (word !== undefined && Object.hasOwn(WORDS, word)) return WORDS[word] ?? null;
    this.#at = start;
    throw this.#unexpected('a value');
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > DEEPEST) throw this.#invalid(`is nested more than ${DEEPEST} deep`);
    this.#at++;
    const value = read();
    this.#depth--;
    return value;
  }

  #tuple(): PythonValue {
    const { items, trailingComma } = this.#list(')');
    const [only] = items;
    // brackets around one value without a comma are no tuple
    return items.length === 1 && only !== undefined && !trailingComma ? only : items;
  }

  #list(end: string): { items: PythonValue[]; trailingComma: boolean } {
    const items: PythonValue[] = [];
    let trailingComma = false;
    while (!this.#take(end)) {
      if (items.length > 0 && !trailingComma) throw this.#unexpected(`"," or "${end}"`);
      items.push(this.#value());
      trailingComma = this.#take(',');
    }
    return { items, trailingComma };
  }

  #dict(): PythonValue {
    const entries: [string, PythonValue][] = [];
    let comma = true;
    while (!this.#take('}')) {
      if (!comma) throw this.#unexpected('"," or "}"');
      const key = this.#value();
      if (typeof key === 'object' && key !== null) throw this.#invalid('has a key that is a list or a dict');
      if (!this.#take(':')) throw this.#unexpected('":"');
      entries.push([String(key ?? 'None'), this.#value()]);
      comma = this.#take(',');
    }
    return Object.fromEntries(entries);
  }

  #number(digits: string): number {
    // Python 2 marks its long integers
    if (/^[+-]?\d+$/.test(digits)) this.#takeHere('L');
    if (/[\w.]/.test(this.text[this.#at] ?? '')) throw this.#unexpected('the end of a number');
    const value = Number(digits);
    if (/^[+-]?\d+$/.test(digits) && !Number.isSafeInteger(value))
      throw this.#invalid(`has an integer that is too large: ${digits}`);
    return value;
  }

  #string(quote: string): string {
    let result = '';
    for (;;) {
      const from = this.#at;
      while (this.#at < this.text.length && this.text[this.#at] !== quote && this.text[this.#at] !== '\\')
        this.#at++;
      result += this.text.slice(from, this.#at);
      if (this.#at >= this.text.length) throw this.#unexpected(`the closing ${quote}`);
      if (this.text[this.#at++] === quote) return result;
      result += this.#escape();
    }
  }

  #escape(): string {
    const kind = this.text[this.#at];
    if (kind === undefined) throw this.#unexpected('an escaped character');
    const simple = SIMPLE_ESCAPES[kind];
    if (simple !== undefined) {
      this.#at++;
      return simple;
    }
    const octal = /^[0-7]{1,3}/.exec(this.text.slice(this.#at, this.#at + 3))?.[0];
    if (octal) {
      this.#at += octal.length;
      return String.fromCodePoint(Number.parseInt(octal, 8));
    }
    const digits = HEX_ESCAPES[kind];
    if (digits === undefined) throw this.#invalid(`has an escape that is not known: \\${kind}`);
    return this.#hex(digits);
  }

  #hex(digits: number): string {
    const hex = this.text.slice(this.#at + 1, this.#at + 1 + digits);
    const code = Number.parseInt(hex, 16);
    if (hex.length < digits || !/^[0-9a-fA-F]+$/.test(hex) || code > 0x10ffff)
      throw this.#unexpected(`${digits} hexadecimal digits`);
    this.#at += 1 + digits;
    return String.fromCodePoint(code);
  }

  #skipSpace(): void {
    while (/\s/.test(this.text[this.#at] ?? '')) this.#at++;
  }

  #take(character: string): boolean {
    this.#skipSpace();
    return this.#takeHere(character);
  }

  #takeHere(character: string): boolean {
    if (this.text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #match(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at;
    const match = expression.exec(this.text);
    if (match) this.#at = expression.lastIndex;
    return match;
  }

  #unexpected(expected: string): DoctorError {
    if (this.#at >= this.text.length)
      return this.#invalid(
        `ends where ${expected} is expected: was it cut (Ceilometer cuts at 255 characters)?`,
      );
    const found = JSON.stringify(this.text.slice(this.#at, this.#at + 20));
    return this.#invalid(`has ${found} at ${this.#at} where ${expected} is expected`);
  }

  #invalid(what: string): DoctorError {
    return new DoctorError('INPUT_INVALID', `the Python literal ${what}`, {
      details: { position: this.#at },
    });
  }
}
