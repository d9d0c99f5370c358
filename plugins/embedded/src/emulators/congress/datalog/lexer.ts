export type TokenKind =
  | 'name'
  | 'string'
  | 'number'
  | 'implies'
  | '('
  | ')'
  | '['
  | ']'
  | ','
  | ':'
  | '='
  | 'not'
  | 'other'
  | 'end';

export interface Token {
  kind: TokenKind;
  text: string;
  /** From 1. */
  line: number;
  /** From 0. */
  column: number;
}

const TOKEN =
  /(?<blank>\s+|\/\/[^\n]*|#[^\n]*)|(?<implies>:-|<-)|(?<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<number>-?\d+(?:\.\d+)?)|(?<name>[A-Za-z_.][A-Za-z0-9_.]*)|(?<mark>[()[\],:=!])|(?<other>.)/suy;

/** Splits the text of rules. The last token is `end`. */
export function tokens(text: string): Token[] {
  const found: Token[] = [];
  let line = 1;
  let lineStart = 0;
  TOKEN.lastIndex = 0;
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(text)?.groups ?? {};
    const [kind, part] = Object.entries(groups).find(([, value]) => value !== undefined) ?? ['other', ''];
    if (kind !== 'blank') found.push({ kind: kindOf(kind, part), text: part, line, column: at - lineStart });
    for (let newline = part.indexOf('\n'); newline >= 0; newline = part.indexOf('\n', newline + 1)) {
      line++;
      lineStart = at + newline + 1;
    }
  }
  found.push({ kind: 'end', text: '<EOF>', line, column: text.length - lineStart });
  return found;
}

function kindOf(group: string, text: string): TokenKind {
  if (group === 'mark') return text === '!' ? 'not' : (text as TokenKind);
  if (group === 'name' && /^not$/i.test(text)) return 'not';
  return group as TokenKind;
}
