/** A value as Python 3 writes it with `repr`: error texts and traits of OpenStack services hold such texts. */
export function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return reprText(value);
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  const entries = Object.entries(value as Record<string, unknown>);
  return `{${entries.map(([key, each]) => `${reprText(key)}: ${pythonRepr(each)}`).join(', ')}}`;
}

function reprText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
    .replaceAll('\r', '\\r');
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}

/** What Python's `json.loads` says about a text that is no JSON. */
export class PythonJsonError extends Error {
  override readonly name = 'PythonJsonError';
}

/** `json.loads`: the value, or Python's words about the first place that is wrong. */
export function pythonJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const { at, message } = firstFault(text);
    const before = text.slice(0, at).split('\n');
    const column = (before.at(-1)?.length ?? 0) + 1;
    throw new PythonJsonError(`${message}: line ${before.length} column ${column} (char ${at})`);
  }
}

interface Fault {
  at: number;
  message: string;
}

const VALUE = 'Expecting value';
const NAME = 'Expecting property name enclosed in double quotes';

function firstFault(text: string): Fault {
  let at = 0;
  const fail = (message: string, where = at): never => {
    throw Object.assign(new Error(message), { at: where });
  };
  const blanks = () => {
    while (/[ \t\n\r]/.test(text[at] ?? '')) at++;
  };
  const string = () => {
    const match = /"(?:[^"\\\n]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
    match.lastIndex = at;
    if (!match.test(text)) fail('Unterminated string starting at');
    at = match.lastIndex;
  };
  const members = (end: string, member: () => void) => {
    at++;
    blanks();
    if (text[at] === end) return void at++;
    for (;;) {
      member();
      blanks();
      if (text[at] === end) return void at++;
      if (text[at] !== ',') fail("Expecting ',' delimiter");
      at++;
      blanks();
    }
  };
  const value = (): void => {
    if (text[at] === '"') return string();
    if (text[at] === '[') return members(']', value);
    if (text[at] === '{')
      return members('}', () => {
        if (text[at] !== '"') fail(NAME);
        string();
        blanks();
        if (text[at] !== ':') fail("Expecting ':' delimiter");
        at++;
        blanks();
        value();
      });
    const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
    scalar.lastIndex = at;
    if (!scalar.test(text)) fail(VALUE);
    at = scalar.lastIndex;
  };
  try {
    blanks();
    value();
    blanks();
    return { at, message: 'Extra data' };
  } catch (error) {
    return { at: (error as { at?: number }).at ?? at, message: (error as Error).message };
  }
}
