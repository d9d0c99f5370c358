/** One thing that was looked at, in plain words. */
export interface Finding {
  verdict: 'ok' | 'wrong' | 'advice';
  /** What was looked at, or what is wrong and what to do. */
  text: string;
}

export const ok = (text: string): Finding => ({ verdict: 'ok', text });
export const wrong = (text: string): Finding => ({ verdict: 'wrong', text });
export const advice = (text: string): Finding => ({ verdict: 'advice', text });
