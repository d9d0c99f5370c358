/** Colours of the terminal, or none. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  accent(text: string): string;
  verdict(verdict: 'passed' | 'failed' | 'skipped', text: string): string;
}

const CODES = { passed: 32, failed: 31, skipped: 33 } as const;

export function paintWith(color: boolean): Paint {
  const code = (open: number, close: number) => (text: string) =>
    color ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    bold: code(1, 22),
    dim: code(2, 22),
    accent: code(36, 39),
    verdict: (verdict, text) => code(CODES[verdict], 39)(text),
  };
}
